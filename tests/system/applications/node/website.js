// A website with express-openid-connect's defaults: response_type=id_token, response_mode=form_post.
const express = require("express");
const { auth, requiresAuth } = require("express-openid-connect");

const app = express();
app.use(
  auth({
    authRequired: false,
    auth0Logout: true,
    secret: process.env.AUTH0_SECRET,
    baseURL: `http://localhost:${process.env.PORT}`,
    clientID: process.env.AUTH0_CLIENT_ID,
    issuerBaseURL: process.env.AUTH0_ISSUER_BASE_URL,
  }),
);
app.get("/", (request, response) => {
  const greeting = request.oidc.isAuthenticated() ? `Hello ${request.oidc.user.name}` : "Signed out";
  response.send(`<h1>${greeting}</h1><a href="/login">Sign in</a> <a href="/logout">Sign out</a>`);
});
app.get("/profile", requiresAuth(), (request, response) => response.json(request.oidc.user));
app.listen(Number(process.env.PORT), "localhost");
