// A website with passport-auth0, which sends the access token to /userinfo in the query.
const express = require("express");
const session = require("express-session");
const passport = require("passport");
const Strategy = require("passport-auth0");

const origin = `http://localhost:${process.env.PORT}`;
const strategy = new Strategy(
  {
    domain: process.env.AUTH0_DOMAIN,
    clientID: process.env.AUTH0_CLIENT_ID,
    clientSecret: process.env.AUTH0_CLIENT_SECRET,
    callbackURL: `${origin}/callback`,
  },
  (accessToken, refreshToken, extra, profile, done) => done(null, profile),
);
passport.use(strategy);
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const app = express();
app.use(session({ secret: process.env.AUTH0_SECRET, resave: false, saveUninitialized: false }));
app.use(passport.session());
app.get("/", (request, response) => {
  const greeting = request.user ? `Hello ${request.user.displayName}` : "Signed out";
  response.send(`<h1>${greeting}</h1><a href="/login">Sign in</a> <a href="/logout">Sign out</a>`);
});
app.get("/login", passport.authenticate("auth0", { scope: "openid profile" }));
app.get("/callback", passport.authenticate("auth0", { successRedirect: "/" }));
app.get("/logout", (request, response, next) => {
  const query = new URLSearchParams({ client_id: process.env.AUTH0_CLIENT_ID, returnTo: origin });
  const leave = () => response.redirect(`${process.env.AUTH0_ISSUER_BASE_URL}/v2/logout?${query}`);
  request.logout((error) => (error ? next(error) : leave()));
});
app.listen(Number(process.env.PORT), "localhost");
