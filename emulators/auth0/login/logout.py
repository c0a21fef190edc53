"""Logout, Auth0's own and OpenID Connect's.

https://auth0.com/docs/authenticate/login/logout
"""

import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from emulators.auth0.errors import LoginPageError, NotEmulatedError
from emulators.auth0.login.pages import page
from emulators.auth0.login.sessions import end_session, session_key
from emulators.auth0.login.state import issue
from emulators.auth0.state import Record, State, Tenant

_CONFIRM = "/oidc/logout/confirm"


async def log_out(request: Request[State]) -> Response:
    """End the session and go to ``returnTo``, or to the client's first allowed URL.

    https://auth0.com/docs/api/authentication/logout/auth-0-logout
    """
    tenant, query = request.state["tenant"], request.query_params
    _refuse_federated(query, "/v2/logout")
    allowed = _allowed_urls(tenant, query.get("client_id", ""))
    target = query.get("returnTo") or (allowed[0] if "client_id" in query and allowed else "")
    if target and not any(matches(target, each, tenant.assumptions.root_slash_matters) for each in allowed):
        reason = f'The "returnTo" querystring parameter "{target}" is not defined as a valid URL in'
        raise LoginPageError("invalid_request", f'{reason} "Allowed Logout URLs".')
    return _end(tenant, request, target, query.get("client_id"))


def matches(url: str, allowed: str, root_slash_matters: bool) -> bool:  # noqa: FBT001  # one assumption
    """Compare without query and hash; scheme and host ignore case, and ``*`` stands for a subdomain."""
    given, known = urlsplit(url), urlsplit(allowed)
    paths = [given.path, known.path] if root_slash_matters else [given.path or "/", known.path or "/"]
    if given.scheme.lower() != known.scheme.lower() or paths[0] != paths[1]:
        return False
    host, pattern = given.netloc.lower(), known.netloc.lower()
    return host == pattern or (pattern.startswith("*.") and host.partition(".")[2] == pattern[2:])


async def log_out_by_oidc(request: Request[State]) -> Response:
    """End the session that the application names, or ask the user first (OpenID Connect RP-Initiated Logout 1.0)."""
    tenant = request.state["tenant"]
    parameters = dict(request.query_params) | dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    _refuse_federated(parameters, "/oidc/logout")
    hint = _hint(tenant, parameters)
    client_id = parameters.get("client_id") or hint.get("aud", "")
    target = parameters.get("post_logout_redirect_uri", "")
    if target and target not in _allowed_urls(tenant, client_id):
        raise LoginPageError("invalid_request", f"The post_logout_redirect_uri is not an Allowed Logout URL: {target}")
    if target and "state" in parameters:
        target += f"{'&' if '?' in target else '?'}{urlencode({'state': parameters['state']})}"
    session = tenant.login.sessions.get(session_key(request))
    if session is None or session.sid in {hint.get("sid"), parameters.get("logout_hint")}:
        return _end(tenant, request, target, client_id)
    address = f"{_CONFIRM}?{urlencode({'state': issue(tenant.login.logouts, target)})}"
    return page(request, "logout.html", {"address": address})


async def confirm_logout(request: Request[State]) -> Response:
    """End the session, as the user has confirmed."""
    tenant = request.state["tenant"]
    target = tenant.login.logouts.pop(request.query_params.get("state", ""), None)
    if target is None:
        raise LoginPageError("invalid_request", "Unable to verify logout request state.")
    return _end(tenant, request, target, None)


def _hint(tenant: Tenant, parameters: Mapping[str, str]) -> Record:
    """Return the claims of the id_token_hint, which may have expired, or {} without one."""
    if "id_token_hint" not in parameters:
        return {}
    try:
        signed = jws.deserialize_compact(parameters["id_token_hint"], tenant.login.keys.current, algorithms=["RS256"])
        claims: Record = json.loads(signed.payload)
    except (JoseError, ValueError):
        raise LoginPageError("invalid_request", "The id_token_hint is invalid.") from None
    if parameters.get("client_id", claims["aud"]) != claims["aud"]:
        raise LoginPageError("invalid_request", "The id_token_hint is of another client.")
    if parameters.get("logout_hint", claims["sid"]) != claims["sid"]:
        raise LoginPageError("invalid_request", "The id_token_hint is of another session.")
    return claims


def _refuse_federated(parameters: Iterable[str], path: str) -> None:
    if "federated" in parameters:
        raise NotEmulatedError(f"the parameter federated of {path}")


def _allowed_urls(tenant: Tenant, client_id: str) -> list[str]:
    """Return the client's Allowed Logout URLs, or the tenant's without a client."""
    holder = tenant.clients.get(client_id, {}) if client_id else tenant.settings
    return holder.get("allowed_logout_urls") or []


def _end(tenant: Tenant, request: Request[State], target: str, client_id: str | None) -> Response:
    tenant.write_log("slo", "User successfully logged out", client_id=client_id or None)
    response = RedirectResponse(target, 302) if target else Response("OK")
    end_session(request, response)
    return response


ROUTES: list[BaseRoute] = [
    Route("/v2/logout", log_out, methods=["GET"]),
    Route("/oidc/logout", log_out_by_oidc, methods=["GET", "POST"]),
    Route(_CONFIRM, confirm_logout, methods=["POST"]),
]
