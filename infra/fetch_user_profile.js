/* exported fetchUserProfile */

// Auth0 calls this after each sign-in with TikTok's access token and the token response (ctx).
function fetchUserProfile(accessToken, ctx, cb) {
  const TIKTOK = {"userInfoUrl": "https://open.tiktokapis.com/v2/user/info/", "userId": "union_id"}; // infra fills in this line
  const FIELDS = {
    "user.info.basic": ["open_id", "union_id", "avatar_url", "display_name"],
    "user.info.profile": ["username"],
  };

  // One field outside the granted scopes fails the whole call. A scope that is left out was granted as asked (RFC 6749,
  // section 5.1), and the basic one is always asked for.
  const granted = String(ctx?.scope || "user.info.basic").split(/[\s,]+/);
  const fields = granted.flatMap((scope) => FIELDS[scope] ?? []);

  async function askTikTok() {
    let response, body;
    try {
      response = await fetch(`${TIKTOK.userInfoUrl}?fields=${fields.join(",")}`, {
        headers: { Authorization: `Bearer ${accessToken}` },
        redirect: "error",
        signal: AbortSignal.timeout(5000),
      });
      body = await response.json();
    } catch (error) {
      throw new Error(`TikTok's user info ${failure(error, response)}.`);
    }
    // TikTok may report failures with status 200: https://developers.tiktok.com/doc/tiktok-api-v2-error-handling
    const { code, log_id: logId } = body?.error ?? {};
    if (!response.ok || code !== "ok") {
      throw new Error(`TikTok's user info answered ${code} (status ${response.status}, log id ${logId}).`);
    }
    return body.data?.user ?? {};
  }

  function failure(error, response) {
    if (error.name === "TimeoutError") return "did not answer within 5 s";
    return response ? `answered no JSON (status ${response.status})` : `could not be reached (${error.cause?.code ?? error.name})`;
  }

  function toProfile(user) {
    // Never the other id instead: it would make a second user of the same person.
    if (!user[TIKTOK.userId]) throw new Error(`TikTok's user info has no ${TIKTOK.userId}.`);
    return {
      user_id: user[TIKTOK.userId],
      name: user.display_name,
      picture: user.avatar_url,
      nickname: user.username,
    };
  }

  askTikTok()
    .then(toProfile)
    .then((profile) => cb(null, profile), cb);
}
