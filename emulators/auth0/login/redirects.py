"""The end of a sign-in: the browser goes back to the application with a code or an error."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.responses import RedirectResponse

from emulators.auth0.errors import SignInError
from emulators.auth0.login.state import AuthorizationRequest, Grant, SignIn, issue
from emulators.auth0.state import Tenant


def success_redirect(tenant: Tenant, sign_in: SignIn) -> RedirectResponse:
    """Return the browser to the application with a code."""
    asked = sign_in.request
    grant = Grant(
        client_id=asked.client_id,
        user_id=sign_in.user_id,
        scope=asked.parameters.get("scope", ""),
        expires=tenant.now() + tenant.assumptions.code_seconds,
        redirect_uri=asked.redirect_uri,
        nonce=asked.parameters.get("nonce", ""),
        challenge=asked.parameters.get("code_challenge", ""),
    )
    _finish(tenant, sign_in, "s", "Successful login")
    return _redirect(asked, {"code": issue(tenant.login.codes, grant)})


def error_redirect(tenant: Tenant, sign_in: SignIn, error: SignInError) -> RedirectResponse:
    """Return the browser to the application with an error (RFC 6749, section 4.1.2.1).

    The tenant's log has the details, which the application does not get.
    """
    details = {"error": {"message": str(error), **({"cause": error.details} if error.details else {})}}
    _finish(tenant, sign_in, "f", str(error), details=details)
    return _redirect(sign_in.request, {"error": error.error, "error_description": str(error)})


def _finish(tenant: Tenant, sign_in: SignIn, code: str, description: str, **more: Any) -> None:  # noqa: ANN401  # any field of an event
    client_id = sign_in.request.client_id
    tenant.login.sign_ins.append(sign_in)
    tenant.write_log(
        code,
        description,
        client_id=client_id,
        client_name=tenant.clients.get(client_id, {}).get("name"),
        connection=sign_in.connection or None,
        user_id=sign_in.user_id or None,
        **more,
    )


def _redirect(asked: AuthorizationRequest, result: dict[str, str]) -> RedirectResponse:
    state = {"state": asked.parameters["state"]} if "state" in asked.parameters else {}
    separator = "&" if urlsplit(asked.redirect_uri).query else "?"
    return RedirectResponse(f"{asked.redirect_uri}{separator}{urlencode({**result, **state})}", 302)
