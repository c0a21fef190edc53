// Keeps tokens in memory, as the SDK does by default. It gets new ones in a hidden frame, or by refresh tokens if it was
// opened with ?rotating.
const heading = document.querySelector("h1");
const origin = window.location.origin;
if (window.location.search === "?rotating") sessionStorage.setItem("rotating", "true");

async function main() {
  const { domain, clientId, audience } = await (await fetch("/settings")).json();
  const client = await auth0.createAuth0Client({
    domain,
    clientId,
    useRefreshTokens: sessionStorage.getItem("rotating") === "true",
    authorizationParams: { redirect_uri: origin, audience, scope: "openid profile read:me delete:me" },
  });
  if (window.location.search.includes("code=")) {
    await client.handleRedirectCallback();
    window.history.replaceState({}, "", "/");
  }
  const greet = async () => `Hello ${(await client.getUser()).name}`;
  const call = async (authorizationParams) => {
    const token = await client.getTokenSilently({ authorizationParams });
    const answer = await fetch("/api/me", { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) return `${answer.status} refused`;
    const { sub, scope } = await answer.json();
    return `${answer.status} ${sub}, ${scope}`;
  };
  const actions = {
    "sign-in": () => client.loginWithRedirect(),
    "sign-in-popup": async () => {
      await client.loginWithPopup();
      return greet();
    },
    "sign-out": () => client.logout({ logoutParams: { returnTo: origin } }),
    refresh: async () => {
      const { access_token: token } = await client.getTokenSilently({ cacheMode: "off", detailedResponse: true });
      return `Refreshed ${token.split(".").length} parts`;
    },
    call: () => call({ audience }),
    "call-opaque": () => call({ audience: "" }),
  };
  for (const [id, act] of Object.entries(actions)) {
    document.getElementById(id).addEventListener("click", () => show(act));
  }
  await show(async () => ((await client.isAuthenticated()) ? greet() : "Signed out"));
}

async function show(act) {
  try {
    heading.textContent = (await act()) ?? heading.textContent;
  } catch (error) {
    heading.textContent = String(error);
  }
}

show(main);
