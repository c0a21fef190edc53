"""GET /authorize: https://auth0.com/docs/api/authentication/authorization-code-flow/authorize."""

import secrets
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from emulators.auth0.errors import LoginPageError, NotEmulatedError, SignInError
from emulators.auth0.login.confirmation import finish_sign_in, needs_confirmation
from emulators.auth0.login.pages import page
from emulators.auth0.login.provider import provider_address
from emulators.auth0.login.responses import error_response
from emulators.auth0.login.sessions import origin, session_key
from emulators.auth0.login.state import (
    BROWSER_COOKIE,
    AuthorizationRequest,
    PendingSignIn,
    Session,
    SignIn,
    issue,
)
from emulators.auth0.login.tokens import requested_audience
from emulators.auth0.state import Record, State, Tenant

_NOT_EMULATED = (
    "acr_values",
    "authorization_details",
    "dpop_jkt",
    "invitation",
    "organization",
    "request",
    "request_uri",
    "screen_hint",
)
_PROMPTS = frozenset({"", "none", "login", "consent", "select_account"})
_RESPONSE_WORDS = frozenset({"code", "token", "id_token"})
_RESPONSE_MODES = frozenset({"query", "fragment", "form_post", "web_message"})


async def authorize(request: Request[State]) -> Response:
    """Send the browser to the provider, let it choose one, or send it back to the application."""
    tenant = request.state["tenant"]
    tenant.finish_deletions()
    authorization = _authorization_request(tenant, request)
    try:
        return _next_step(tenant, request, authorization)
    except SignInError as error:
        return error_response(tenant, SignIn(request=authorization, error=str(error)), error)


def _authorization_request(tenant: Tenant, request: Request[State]) -> AuthorizationRequest:
    parameters = _parameters(request)
    client = tenant.clients.get(parameters.get("client_id", ""))
    if client is None:
        raise LoginPageError("invalid_request", f"Unknown client: {parameters.get('client_id', '')}")
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in client.get("callbacks", []):
        reason = "The provided redirect_uri is not in the list of allowed callback URLs"
        raise LoginPageError("invalid_request", f"Callback URL mismatch. {reason}: {redirect_uri}")
    return AuthorizationRequest(
        client_id=client["client_id"], redirect_uri=redirect_uri, origin=origin(request), parameters=parameters
    )


def _parameters(request: Request[State]) -> dict[str, str]:
    """Return the parameters, none of which may be repeated (RFC 6749, section 3.1)."""
    parameters = dict(request.query_params)
    if len(parameters) != len(request.query_params.multi_items()):
        raise LoginPageError("invalid_request", "A parameter is repeated")
    unknown = [name for name in _NOT_EMULATED if name in parameters]
    if parameters.get("prompt", "") not in _PROMPTS:
        unknown.append(f"prompt={parameters['prompt']}")
    if unknown:
        raise NotEmulatedError(f"the parameter {unknown[0]} of /authorize")
    return parameters


def _next_step(tenant: Tenant, request: Request[State], authorization: AuthorizationRequest) -> Response:
    _check(tenant, authorization)
    prompt = authorization.parameters.get("prompt", "")
    enabled = [each for each in tenant.connections.values() if authorization.client_id in tenant.enabled[each["id"]]]
    connection = _requested_connection(enabled, authorization.parameters.get("connection", ""))
    offered = [connection] if connection else [each for each in enabled if each["authentication"]["active"]]
    key = session_key(request)
    session = _session(tenant, key, offered, authorization)
    if session:
        sign_in = SignIn(request=authorization, connection=session.connection, session=session)
        if prompt == "none" and needs_confirmation(tenant, sign_in):
            raise SignInError(tenant.assumptions.unconfirmed_error, "Consent required")
        return finish_sign_in(tenant, sign_in, key, saw_screen=False)
    if prompt == "none":
        raise SignInError("login_required", "Login required")
    if connection is None:
        return _login_page(tenant, request, authorization, offered)
    return _provider_redirect(tenant, request, authorization, connection, saw_login_page=False)


def _check(tenant: Tenant, authorization: AuthorizationRequest) -> None:
    parameters, types = authorization.parameters, authorization.response_type
    if not types or not types <= _RESPONSE_WORDS:
        name = parameters.get("response_type", "")
        raise SignInError("unsupported_response_type", f"Unsupported response type: {name}")
    if authorization.response_mode not in _RESPONSE_MODES:
        raise SignInError("invalid_request", f"Unsupported response mode: {authorization.response_mode}")
    grants = {"authorization_code" if each == "code" else "implicit" for each in types}
    for grant in sorted(grants - set(tenant.clients[authorization.client_id]["grant_types"])):
        raise SignInError("unauthorized_client", f"Grant type '{grant}' not allowed for the client.")
    if "id_token" in types and not parameters.get("nonce"):
        raise SignInError("invalid_request", "Missing required parameter: nonce")
    if parameters.get("code_challenge") and parameters.get("code_challenge_method") != "S256":
        raise SignInError("invalid_request", "Only the code challenge method S256 is supported")
    if not parameters.get("max_age", "0").isdecimal():
        raise SignInError("invalid_request", "max_age must be a number")
    audience = requested_audience(tenant, parameters)
    if audience == f"{authorization.origin}/api/v2/":
        raise NotEmulatedError("access tokens of users for the Management API")
    if audience and audience not in tenant.apis:
        raise SignInError("access_denied", f"Service not found: {audience}")


def _requested_connection(enabled: list[Record], name: str) -> Record | None:
    if not enabled:
        raise SignInError("invalid_request", "no connections enabled for the client")
    if not name:
        return None
    found = next((each for each in enabled if each["name"] == name), None)
    if found is None:
        raise SignInError("invalid_request", "the connection was not found")
    if not found["authentication"]["active"]:
        raise SignInError("invalid_request", "the connection was disabled")
    return found


def _session(tenant: Tenant, key: str, offered: list[Record], authorization: AuthorizationRequest) -> Session | None:
    """Return the browser's session, unless the application asks for a new sign-in."""
    session = tenant.login.sessions.get(key)
    if session is None or session.user_id not in tenant.users:
        return None
    age = tenant.now() - session.auth_time
    too_old = "max_age" in authorization.parameters and age >= int(authorization.parameters["max_age"])
    if too_old or authorization.parameters.get("prompt") in {"login", "select_account"}:
        return None
    return session if session.connection in [each["name"] for each in offered] else None


def _login_page(
    tenant: Tenant, request: Request[State], authorization: AuthorizationRequest, offered: list[Record]
) -> Response:
    state = issue(tenant.login.choices, authorization)
    choices = [
        {
            "name": each.get("display_name") or each["name"],
            "address": f"/u/login?{urlencode({'state': state, 'connection': each['name']})}",
        }
        for each in offered
    ]
    name = tenant.clients[authorization.client_id]["name"]
    return page(request, "login.html", {"application": name, "connections": choices})


async def choose_connection(request: Request[State]) -> Response:
    """Send the browser to the provider that was chosen on the login page."""
    tenant = request.state["tenant"]
    authorization = tenant.login.choices.get(request.query_params.get("state", ""))
    connection = tenant.connection_named(request.query_params.get("connection", ""))
    if authorization is None or connection is None:
        raise LoginPageError("invalid_request", "Unable to verify authorization request state.")
    return _provider_redirect(tenant, request, authorization, connection, saw_login_page=True)


def _provider_redirect(
    tenant: Tenant,
    request: Request[State],
    authorization: AuthorizationRequest,
    connection: Record,
    *,
    saw_login_page: bool,
) -> Response:
    if connection["strategy"] != "oauth2":
        kind = f"a connection of the strategy {connection['strategy']}"
        raise NotEmulatedError(f"the login of {connection['name']}, {kind}")
    pending = PendingSignIn(
        request=authorization,
        connection=connection["name"],
        browser=request.cookies.get(BROWSER_COOKIE) or secrets.token_urlsafe(24),
        saw_login_page=saw_login_page,
        code_verifier=secrets.token_urlsafe(48) if connection["options"].get("pkce_enabled") else "",
    )
    state = secrets.token_urlsafe(24)
    response = RedirectResponse(provider_address(connection, pending, state, tenant.assumptions), 302)
    tenant.login.pending[state] = pending
    response.set_cookie(BROWSER_COOKIE, pending.browser, httponly=True, samesite="lax", secure=request.url.is_secure)
    return response


ROUTES: list[BaseRoute] = [
    Route("/authorize", authorize, methods=["GET"]),
    Route("/u/login", choose_connection, methods=["GET"]),
]
