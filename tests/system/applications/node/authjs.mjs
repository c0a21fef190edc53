// A website with Auth.js and its provider for Auth0; its own pages have the buttons.
import { ExpressAuth, getSession } from "@auth/express";
import Auth0 from "@auth/express/providers/auth0";
import express from "express";

const settings = {
  secret: process.env.AUTH0_SECRET,
  trustHost: true,
  providers: [
    Auth0({
      clientId: process.env.AUTH0_CLIENT_ID,
      clientSecret: process.env.AUTH0_CLIENT_SECRET,
      issuer: process.env.AUTH0_ISSUER_BASE_URL,
    }),
  ],
};
const app = express();
app.use("/auth", ExpressAuth(settings));
app.get("/", async (request, response) => {
  const session = await getSession(request, settings);
  const greeting = session?.user ? `Hello ${session.user.name}` : "Signed out";
  response.send(`<h1>${greeting}</h1><a href="/auth/signin">Sign in</a> <a href="/auth/signout">Sign out</a>`);
});
app.listen(Number(process.env.PORT), "localhost");
