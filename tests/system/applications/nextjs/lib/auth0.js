import { Auth0Client } from "@auth0/nextjs-auth0/server";

// The SDK refuses a domain with a port, but for a whole origin with allowInsecureRequests.
const inTest = Boolean(process.env.AUTH0_HTTP_ISSUER);

export const auth0 = new Auth0Client({
  domain: inTest ? process.env.AUTH0_ISSUER_BASE_URL : process.env.AUTH0_DOMAIN,
  allowInsecureRequests: inTest,
});
