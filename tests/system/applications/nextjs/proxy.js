import { auth0 } from "./lib/auth0";

export function proxy(request) {
  return auth0.middleware(request);
}
