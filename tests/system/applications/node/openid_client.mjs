// A website with openid-client 6, the OpenID-certified library below many others; it also refreshes and revokes.
import express from "express";
import session from "express-session";
import * as oidc from "openid-client";

const origin = `http://localhost:${process.env.PORT}`;
const redirectUri = `${origin}/callback`;
const issuer = new URL(process.env.AUTH0_ISSUER);
const auth0 = await oidc.discovery(issuer, process.env.AUTH0_CLIENT_ID, process.env.AUTH0_CLIENT_SECRET);

const app = express();
app.use(session({ secret: process.env.AUTH0_SECRET, resave: false, saveUninitialized: false }));
app.get("/", (request, response) => {
  const greeting = request.session.user ? `Hello ${request.session.user.name}` : "Signed out";
  response.send(`<h1>${greeting}</h1><a href="/login">Sign in</a> <a href="/logout">Sign out</a>`);
});
app.get("/login", async (request, response) => {
  const checks = { verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce() };
  request.session.checks = checks;
  const parameters = {
    redirect_uri: redirectUri,
    scope: "openid profile offline_access",
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.verifier),
    code_challenge_method: "S256",
    state: checks.state,
    nonce: checks.nonce,
  };
  response.redirect(oidc.buildAuthorizationUrl(auth0, parameters).href);
});
app.get("/callback", async (request, response) => {
  const { verifier, state, nonce } = request.session.checks;
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await oidc.authorizationCodeGrant(auth0, new URL(request.originalUrl, origin), checks);
  const renewed = await oidc.refreshTokenGrant(auth0, tokens.refresh_token);
  await oidc.tokenRevocation(auth0, tokens.refresh_token);
  request.session.idToken = tokens.id_token;
  request.session.user = await oidc.fetchUserInfo(auth0, renewed.access_token, tokens.claims().sub);
  response.redirect("/");
});
app.get("/logout", (request, response) => {
  const parameters = { post_logout_redirect_uri: origin, id_token_hint: request.session.idToken };
  request.session.destroy(() => response.redirect(oidc.buildEndSessionUrl(auth0, parameters).href));
});
app.listen(Number(process.env.PORT), "localhost");
