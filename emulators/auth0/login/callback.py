"""GET /login/callback: the provider sends the browser back."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from emulators.auth0.errors import LoginPageError, NotEmulatedError, SignInError
from emulators.auth0.login.confirmation import finish_sign_in
from emulators.auth0.login.profile_script import NODE_VERSION, run_profile_script
from emulators.auth0.login.provider import exchange_code
from emulators.auth0.login.responses import error_response
from emulators.auth0.login.sessions import keep_session
from emulators.auth0.login.state import BROWSER_COOKIE, PendingSignIn, ScriptRun, Session, SignIn, issue
from emulators.auth0.login.users import save_user
from emulators.auth0.state import Record, State, Tenant


async def callback(request: Request[State]) -> Response:
    """Exchange the provider's code, fetch the profile, save the user, and go back to the application."""
    tenant = request.state["tenant"]
    pending = _take_pending(tenant, request)
    script_run = None
    try:
        code = _provider_code(request)
        connection = _connection(tenant, pending)
        tokens = await exchange_code(connection, pending, code, tenant.assumptions)
        script_run = await _run_script(tenant, connection, tokens)
        user = save_user(tenant, connection, _profile(tenant, script_run), tokens)
    except SignInError as error:
        failed = SignIn(request=pending.request, connection=pending.connection, error=str(error), script_run=script_run)
        return error_response(tenant, failed, error)
    session = Session(connection=pending.connection, user_id=user["user_id"], auth_time=tenant.now())
    sign_in = SignIn(request=pending.request, connection=pending.connection, session=session, script_run=script_run)
    key = issue(tenant.login.sessions, session)
    saw_screen = pending.saw_login_page or tenant.assumptions.provider_pages_confirm
    response = finish_sign_in(tenant, sign_in, key, saw_screen=saw_screen)
    keep_session(request, response, key)
    return response


def _take_pending(tenant: Tenant, request: Request[State]) -> PendingSignIn:
    state = request.query_params.get("state", "")
    pending = tenant.login.pending.get(state)
    if pending is None or request.cookies.get(BROWSER_COOKIE) != pending.browser:
        raise LoginPageError("invalid_request", "Unable to verify authorization request state.")
    return tenant.login.pending.pop(state)


def _provider_code(request: Request[State]) -> str:
    result = request.query_params
    if "error" in result:
        raise SignInError(result["error"], result.get("error_description", result["error"]))
    if not result.get("code"):
        raise SignInError("access_denied", "The provider sent neither a code nor an error")
    return result["code"]


def _connection(tenant: Tenant, pending: PendingSignIn) -> Record:
    connection = tenant.connection_named(pending.connection)
    if connection is None:
        raise SignInError("invalid_request", "the connection was not found")
    return connection


async def _run_script(tenant: Tenant, connection: Record, tokens: dict[str, Any]) -> ScriptRun:
    """Run the profile script; its context is the token response without the refresh token.

    Without a script Auth0 takes an empty profile.
    """
    scripts: dict[str, str] = connection["options"].get("scripts") or {}
    script = scripts.get("fetchUserProfile") or "function (accessToken, ctx, cb) { cb(null, {}); }"
    if (version := tenant.settings["sandbox_version"]) != NODE_VERSION:
        raise NotEmulatedError(f"sandbox_version {version} of the tenant; it runs scripts on Node {NODE_VERSION}")
    ctx = {name: value for name, value in tokens.items() if name != "refresh_token"}
    return await run_profile_script(script, tokens["access_token"], ctx, tenant.assumptions)


def _profile(tenant: Tenant, run: ScriptRun) -> dict[str, Any]:
    if run.error:
        raise SignInError(tenant.assumptions.script_failure_error, run.error)
    return run.profile


ROUTES: list[BaseRoute] = [Route("/login/callback", callback, methods=["GET"])]
