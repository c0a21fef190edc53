"""The confirmation for callbacks whose owner Auth0 cannot verify.

https://auth0.com/docs/secure/security-guidance/measures-against-app-impersonation
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from emulators.auth0.errors import LoginPageError, SignInError
from emulators.auth0.login.pages import page
from emulators.auth0.login.responses import error_response, success_response
from emulators.auth0.login.sessions import session_key
from emulators.auth0.login.state import SignIn, Unconfirmed, issue
from emulators.auth0.state import State, Tenant

_PATH = "/u/consent"
_SETTING = "skip_non_verifiable_callback_uri_confirmation_prompt"


def needs_confirmation(tenant: Tenant, sign_in: SignIn) -> bool:
    """Tell whether a sign-in that showed no other screen has to be confirmed.

    The application's setting wins over the tenant's. Applications that are not OIDC conformant never ask.
    """
    client = tenant.clients[sign_in.request.client_id]
    skipped = client.get(_SETTING)
    if skipped is None:
        skipped = tenant.settings.get(_SETTING)
    return not skipped and client["oidc_conformant"] and not is_verifiable(sign_in.request.redirect_uri)


def is_verifiable(redirect_uri: str) -> bool:
    """Tell whether only the owner of the address receives what is sent to it: not loopback, not an app's scheme."""
    parts = urlsplit(redirect_uri)
    host = parts.hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    return parts.scheme in {"http", "https"} and not loopback


def finish_sign_in(tenant: Tenant, sign_in: SignIn, session: str, *, saw_screen: bool) -> Response:
    """Redirect to the application, or first to the confirmation if it is needed."""
    consent_requested = sign_in.request.parameters.get("prompt") == "consent"
    if not consent_requested and (saw_screen or not needs_confirmation(tenant, sign_in)):
        return success_response(tenant, sign_in)
    key = issue(tenant.login.unconfirmed, Unconfirmed(sign_in=sign_in, session=session))
    return RedirectResponse(f"{_PATH}?state={key}", 302)


async def show_confirmation(request: Request[State]) -> Response:
    """Ask whether the application may use the account."""
    tenant = request.state["tenant"]
    sign_in = _unconfirmed(request).sign_in
    shown = {
        "application": tenant.clients[sign_in.request.client_id]["name"],
        "user": tenant.users[sign_in.user_id].get("email") or tenant.users[sign_in.user_id].get("name", ""),
        "tenant": tenant.name,
    }
    return page(request, "confirmation.html", shown)


async def confirm(request: Request[State]) -> Response:
    """Redirect to the application with the user's decision."""
    tenant = request.state["tenant"]
    sign_in = _unconfirmed(request).sign_in
    del tenant.login.unconfirmed[request.query_params["state"]]
    if b"action=accept" in await request.body():
        return success_response(tenant, sign_in)
    return error_response(tenant, sign_in, SignInError("access_denied", "User did not authorize the request"))


def _unconfirmed(request: Request[State]) -> Unconfirmed:
    found = request.state["tenant"].login.unconfirmed.get(request.query_params.get("state", ""))
    if found is None or found.session != session_key(request):
        raise LoginPageError("invalid_request", "Unable to verify authorization request state.")
    return found


ROUTES: list[BaseRoute] = [
    Route(_PATH, show_confirmation, methods=["GET"]),
    Route(_PATH, confirm, methods=["POST"]),
]
