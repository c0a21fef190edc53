import { createElement } from "react";
import { auth0 } from "../lib/auth0";

export default async function Home() {
  const session = await auth0.getSession();
  return createElement(
    "main",
    null,
    createElement("h1", null, session ? `Hello ${session.user.name}` : "Signed out"),
    createElement("a", { href: "/auth/login" }, "Sign in"),
    " ",
    createElement("a", { href: "/auth/logout" }, "Sign out"),
  );
}
