"""GET /login/callback: the browser comes back from the provider."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from emulators.auth0.login.authorize import BROWSER_COOKIE, SESSION_COOKIE
from emulators.auth0.login.failures import LoginPageError, SignInRefused
from emulators.auth0.login.hops import Hop, masked, timed
from emulators.auth0.login.outcome import code_for, log_failure, returned
from emulators.auth0.login.script import fetched_profile
from emulators.auth0.login.state import Profile, SignIn
from emulators.auth0.login.upstream import exchanged_code
from emulators.auth0.login.users import signed_in_user
from emulators.auth0.state import Record, State, Tenant


async def come_back(request: Request[State]) -> Response:
    """Turn the provider's code into a user and a code of Auth0's own; or tell the application what went wrong."""
    tenant = request.state["tenant"]
    sign_in = _under_way(tenant, request)
    brought = dict(request.query_params)
    sender = "TikTok, by the browser"
    sign_in.hops.append(Hop(sender=sender, receiver="Auth0", request="GET /login/callback", sent=masked(brought)))
    try:
        await _sign_in(tenant, sign_in, brought)
    except SignInRefused as refused:
        log_failure(tenant, sign_in, refused)
        return returned(sign_in, refused)
    answer = RedirectResponse(code_for(tenant, sign_in), 302)
    session = tenant.login.start_session(sign_in.connection, sign_in.user_id)
    answer.set_cookie(SESSION_COOKIE, session, httponly=True, samesite="lax", secure=request.url.is_secure)
    return answer


def _under_way(tenant: Tenant, request: Request[State]) -> SignIn:
    state = request.query_params.get("state", "")
    sign_in = tenant.login.under_way.get(state)
    if sign_in is None or request.cookies.get(BROWSER_COOKIE) != sign_in.browser:
        raise LoginPageError("invalid_request", "Unable to verify authorization request state.")
    del tenant.login.under_way[state]
    return sign_in


async def _sign_in(tenant: Tenant, sign_in: SignIn, brought: dict[str, str]) -> None:
    if "error" in brought:
        raise SignInRefused(brought["error"], brought.get("error_description", brought["error"]))
    if not brought.get("code"):
        raise SignInRefused("access_denied", "The provider sent neither a code nor an error")
    connection = tenant.connection_named(sign_in.connection)
    if connection is None:
        raise SignInRefused("invalid_request", "the connection was not found")
    answer = await exchanged_code(connection, sign_in, brought["code"], tenant.login, tenant.switches)
    profile = await _profile(tenant, connection, sign_in, answer)
    sign_in.user_id = signed_in_user(tenant, connection, profile, answer)["user_id"]


async def _profile(tenant: Tenant, connection: Record, sign_in: SignIn, answer: dict[str, Any]) -> Profile:
    """Run the profile script with the token response, less the refresh token, as its context."""
    ctx = {name: value for name, value in answer.items() if name != "refresh_token"}
    scripts: dict[str, str] = connection["options"].get("scripts") or {}
    if not scripts.get("fetchUserProfile"):
        raise SignInRefused("access_denied", "The connection has no fetchUserProfile script")
    hop = Hop(sender="Auth0, by the profile script", receiver="TikTok", request="fetchUserProfile", sent=masked(ctx))
    sign_in.hops.append(hop)
    with timed(hop):
        profile = await fetched_profile(
            scripts["fetchUserProfile"], answer["access_token"], ctx, sign_in.console, tenant.switches.script_seconds
        )
    hop.answered = masked(profile)
    return profile


ROUTES: list[BaseRoute] = [Route("/login/callback", come_back, methods=["GET"])]
