"""How a sign-in ends for the application: with a code, or with an error."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.responses import RedirectResponse

from emulators.auth0.login.failures import SignInRefused
from emulators.auth0.login.hops import Hop, masked
from emulators.auth0.login.state import Grant, SignIn
from emulators.auth0.state import Tenant


def code_for(tenant: Tenant, sign_in: SignIn) -> str:
    """Return the application's callback with a code for the user of ``sign_in``, and log the success."""
    asked = sign_in.asked
    grant = Grant(
        client_id=sign_in.client_id,
        user_id=sign_in.user_id,
        scope=asked.get("scope", ""),
        expires=tenant.now() + tenant.switches.code_seconds,
        redirect_uri=sign_in.redirect_uri,
        nonce=asked.get("nonce", ""),
        challenge=asked.get("code_challenge", ""),
        sign_in=sign_in,
    )
    sign_in.outcome = "signed in"
    _log(tenant, sign_in, "s", "Successful login")
    return _address(sign_in, {"code": tenant.login.keep(tenant.login.codes, grant)})


def returned(sign_in: SignIn, refused: SignInRefused) -> RedirectResponse:
    """Send the browser back to the application with an error (RFC 6749, section 4.1.2.1)."""
    return RedirectResponse(_address(sign_in, {"error": refused.error, "error_description": str(refused)}), 302)


def log_failure(tenant: Tenant, sign_in: SignIn, refused: SignInRefused) -> None:
    """Write a failed sign-in into the tenant's log, with what the application does not get to see."""
    sign_in.outcome = f"{refused.error}: {refused}"
    details = {"error": {"message": str(refused), **({"cause": refused.details} if refused.details else {})}}
    _log(tenant, sign_in, "f", str(refused), details=details)


def _log(tenant: Tenant, sign_in: SignIn, code: str, description: str, **more: Any) -> None:  # noqa: ANN401  # any field of an event
    tenant.write_log(
        code,
        description,
        client_id=sign_in.client_id,
        client_name=tenant.clients.get(sign_in.client_id, {}).get("name"),
        connection=sign_in.connection or None,
        user_id=sign_in.user_id or None,
        **more,
    )


def _address(sign_in: SignIn, answer: dict[str, str]) -> str:
    answer |= {"state": sign_in.asked["state"]} if "state" in sign_in.asked else {}
    to = f"GET {sign_in.redirect_uri}"
    hop = Hop(sender="Auth0, by the browser", receiver="Application", request=to, sent=masked(answer))
    sign_in.hops.append(hop)
    return f"{sign_in.redirect_uri}{'&' if urlsplit(sign_in.redirect_uri).query else '?'}{urlencode(answer)}"
