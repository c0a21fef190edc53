/* exported fetchUserProfile */

function fetchUserProfile(accessToken, ctx, cb) {
  // Auth0 calls this at each sign-in, with TikTok's access token and the token response (ctx).
  const TIKTOK = {"userInfoUrl": "https://open.tiktokapis.com/v2/user/info/", "userId": "union_id"}; // infra fills in this line
  const FIELDS = {
    "user.info.basic": ["open_id", "union_id", "avatar_url", "display_name"],
    "user.info.profile": ["username"],
  };

  // One field outside the granted scopes fails the whole call. A response without a scope grants what was requested
  // (RFC 6749, section 5.1), and the basic scope is always requested.
  const granted = String(ctx?.scope || "user.info.basic").split(/[\s,]+/);
  const fields = granted.flatMap((scope) => FIELDS[scope] ?? []);

  async function ask() {
    let response;
    try {
      response = await fetch(`${TIKTOK.userInfoUrl}?fields=${fields.join(",")}`, {
        headers: { Authorization: `Bearer ${accessToken}` },
        redirect: "error",
        signal: AbortSignal.timeout(5000),
      });
      return { status: response.status, body: await response.json() };
    } catch (error) {
      if (error.name === "TimeoutError") throw new Error("TikTok's user info did not answer within 5 s.");
      if (response) throw new Error(`TikTok's user info answered without JSON (status ${response.status}).`);
      throw new Error(`TikTok's user info could not be reached (${error.cause?.code ?? error.cause?.message}).`);
    }
  }

  function toUser({ status, body }) {
    const { code, log_id: logId } = body?.error ?? {};
    // TikTok may report failures with status 200: https://developers.tiktok.com/doc/tiktok-api-v2-error-handling
    if (status !== 200 || code !== "ok") {
      throw new Error(`TikTok's user info answered ${code} (status ${status}, log id ${logId}).`);
    }
    return body.data?.user ?? {};
  }

  function toProfile(user) {
    // Never use the other id instead: that would make a second user of the same person.
    if (!user[TIKTOK.userId]) throw new Error(`TikTok's user info holds no ${TIKTOK.userId}.`);
    return {
      user_id: user[TIKTOK.userId],
      name: user.display_name,
      picture: user.avatar_url || undefined, // an empty address would be shown as a broken picture
      nickname: user.username,
    };
  }

  ask()
    .then(toUser)
    .then(toProfile)
    .then((profile) => cb(null, profile), cb);
}
