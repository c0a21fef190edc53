// Serves a single-page application with auth0-spa-js, and the API that it calls, behind express-oauth2-jwt-bearer.
const path = require("node:path");
const express = require("express");
const { auth, requiredScopes } = require("express-oauth2-jwt-bearer");

// Over http the tenant is of the application's own site, so that hidden frames get its cookie: browsers refuse cookies
// of other sites, as with an Auth0 tenant that has no custom domain.
const domain = process.env.AUTH0_HTTP_ISSUER.replace(/\/$/, "");
const audience = process.env.AUTH0_AUDIENCE;
const settings = { domain, clientId: process.env.AUTH0_CLIENT_ID_SINGLE_PAGE, audience };
const sdk = path.join(path.dirname(require.resolve("@auth0/auth0-spa-js")), "..");

const app = express();
app.get("/settings", (request, response) => response.json(settings));
app.get("/api/me", auth({ issuerBaseURL: domain, audience }), requiredScopes("read:me"), (request, response) =>
  response.json({ sub: request.auth.payload.sub, scope: request.auth.payload.scope }),
);
app.use("/sdk", express.static(sdk));
app.use(express.static(path.join(__dirname, "public")));
app.listen(Number(process.env.PORT), "localhost");
