"""GET /authorize: https://auth0.com/docs/api/authentication/authorization-code-flow/authorize."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from emulators.auth0.errors import NotEmulated
from emulators.auth0.login.failures import LoginPageError, SignInRefused
from emulators.auth0.login.hops import Hop, masked
from emulators.auth0.login.outcome import code_for, log_failure, returned
from emulators.auth0.login.pages import page
from emulators.auth0.login.state import SignIn
from emulators.auth0.login.upstream import provider_address
from emulators.auth0.state import Record, State, Tenant, alphanumerics

BROWSER_COOKIE = "auth0_transaction"
SESSION_COOKIE = "auth0"
_NOT_EMULATED = ("request", "request_uri", "organization", "invitation", "max_age")


async def authorize(request: Request[State]) -> Response:
    """Send the browser on to the provider, or let it choose one; or back to the application with an error."""
    tenant = request.state["tenant"]
    sign_in = _begun(tenant, request)
    tenant.login.sign_ins.append(sign_in)
    try:
        return _next_step(tenant, request, sign_in)
    except SignInRefused as refused:
        log_failure(tenant, sign_in, refused)
        return returned(sign_in, refused)


def _begun(tenant: Tenant, request: Request[State]) -> SignIn:
    asked = _asked(request)
    client = tenant.clients.get(asked.get("client_id", ""))
    if client is None:
        raise LoginPageError("invalid_request", f"Unknown client: {asked.get('client_id', '')}")
    redirect_uri = asked.get("redirect_uri", "")
    if redirect_uri not in client.get("callbacks", []):
        what = "The provided redirect_uri is not in the list of allowed callback URLs"
        raise LoginPageError("invalid_request", f"Callback URL mismatch. {what}: {redirect_uri}")
    sign_in = SignIn(client_id=client["client_id"], redirect_uri=redirect_uri, asked=asked)
    sign_in.upstream_redirect_uri = f"{origin(request)}/login/callback"
    sender = "Application, by the browser"
    sign_in.hops.append(Hop(sender=sender, receiver="Auth0", request="GET /authorize", sent=masked(asked)))
    return sign_in


def _asked(request: Request[State]) -> dict[str, str]:
    """Return the parameters, none of which may be repeated (RFC 6749, section 3.1)."""
    asked = dict(request.query_params)
    if len(asked) != len(request.query_params.multi_items()):
        raise LoginPageError("invalid_request", "A parameter is repeated")
    unknown = [name for name in _NOT_EMULATED if name in asked]
    if asked.get("response_mode", "query") != "query":
        unknown.append("response_mode")
    if unknown:
        raise NotEmulated(f"The emulated Auth0 does not know the parameter {unknown[0]} of /authorize")
    return asked


def _next_step(tenant: Tenant, request: Request[State], sign_in: SignIn) -> Response:
    _check(sign_in.asked)
    enabled = [each for each in tenant.connections.values() if sign_in.client_id in tenant.enabled[each["id"]]]
    connection = _wanted(enabled, sign_in.asked.get("connection", ""))
    offered = [connection] if connection else [each for each in enabled if each["authentication"]["active"]]
    known = _session(tenant, request, offered, sign_in.asked.get("prompt", ""))
    if known:
        sign_in.user_id, sign_in.connection = known["user_id"], known["connection"]
        return RedirectResponse(code_for(tenant, sign_in), 302)
    if sign_in.asked.get("prompt") == "none":
        raise SignInRefused("login_required", "Login required")
    if connection is None:
        return _choice(tenant, request, sign_in, offered)
    return _to_provider(tenant, request, sign_in, connection)


def _check(asked: Mapping[str, str]) -> None:
    if asked.get("response_type") != "code":
        raise SignInRefused("unsupported_response_type", f"Unsupported response type: {asked.get('response_type', '')}")
    if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
        raise SignInRefused("invalid_request", "Parameter 'code_challenge_method' must be S256")


def _wanted(enabled: list[Record], name: str) -> Record | None:
    if not enabled:
        raise SignInRefused("invalid_request", "no connections enabled for the client")
    if not name:
        return None
    found = next((each for each in enabled if each["name"] == name), None)
    if found is None:
        raise SignInRefused("invalid_request", "the connection was not found")
    if not found["authentication"]["active"]:
        raise SignInRefused("invalid_request", "the connection was disabled")
    return found


def _session(tenant: Tenant, request: Request[State], offered: list[Record], prompt: str) -> dict[str, str] | None:
    session = tenant.login.sessions.get(request.cookies.get(SESSION_COOKIE, ""))
    if session is None or prompt == "login" or not tenant.switches.single_sign_on:
        return None
    by_offered = session["connection"] in [each["name"] for each in offered]
    return session if by_offered and session["user_id"] in tenant.users else None


def _choice(tenant: Tenant, request: Request[State], sign_in: SignIn, offered: list[Record]) -> Response:
    choices = [
        {
            "name": each.get("display_name") or each["name"],
            "address": f"/authorize?{urlencode({**sign_in.asked, 'connection': each['name']})}",
        }
        for each in offered
    ]
    tenant.login.sign_ins.remove(sign_in)
    name = tenant.clients[sign_in.client_id]["name"]
    return page(request, "login.html", {"application": name, "connections": choices})


def _to_provider(tenant: Tenant, request: Request[State], sign_in: SignIn, connection: Record) -> Response:
    sign_in.connection = connection["name"]
    sign_in.browser = request.cookies.get(BROWSER_COOKIE) or alphanumerics(32)
    state = tenant.login.begin(sign_in)
    answer = RedirectResponse(provider_address(connection, sign_in, state, tenant.switches), 302)
    answer.set_cookie(BROWSER_COOKIE, sign_in.browser, httponly=True, samesite="lax", secure=request.url.is_secure)
    return answer


def origin(request: Request[State]) -> str:
    """Return the origin that the browser asked, which may be a custom domain."""
    return str(URL(str(request.base_url)).replace(path="")).rstrip("/")


ROUTES: list[BaseRoute] = [Route("/authorize", authorize, methods=["GET"])]
