"""The discovery document, the keys, and user info.

https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery
"""

import json
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulators.auth0.errors import OAuthError
from emulators.auth0.login.sessions import origin
from emulators.auth0.login.users import claims
from emulators.auth0.state import State

_DOCUMENT = Path(__file__).with_name("discovery.json").read_text("utf-8")


async def read_configuration(request: Request[State]) -> Response:
    """Return what a tenant of today publishes, also of endpoints that are not emulated."""
    document = json.loads(_DOCUMENT.replace("https://TENANT", origin(request)))
    setting = request.state["tenant"].settings.get("oidc_logout", {})
    if not setting.get("rp_logout_end_session_endpoint_discovery"):
        del document["end_session_endpoint"]
    return JSONResponse(document)


async def read_keys(request: Request[State]) -> Response:
    return JSONResponse({"keys": request.state["tenant"].login.keys.published})


async def read_user_info(request: Request[State]) -> Response:
    """Return the claims of the access token's user (OpenID Connect Core 1.0, section 5.3)."""
    tenant = request.state["tenant"]
    grant = tenant.login.access_tokens.get(await _access_token(request))
    if grant is None or grant.expires <= tenant.now() or grant.user_id not in tenant.users:
        return Response("Unauthorized", 401, {"www-authenticate": "Bearer"})
    if "openid" not in grant.scope.split():
        return Response("Unauthorized", 401, {"www-authenticate": 'Bearer error="insufficient_scope"'})
    bucket = tenant.rate_limits.bucket("user_info", grant.user_id)
    if bucket and not bucket.take():
        error = OAuthError(429, "too_many_requests", "Global limit has been reached")
        error.headers.update(bucket.headers())
        raise error
    return JSONResponse(claims(tenant.users[grant.user_id], grant.scope))


async def _access_token(request: Request[State]) -> str:
    """Return the token from the header, the form or the query (RFC 6750, section 2), or "" without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token
    posted = parse_qs((await request.body()).decode("utf-8", "replace"))
    return posted.get("access_token", [request.query_params.get("access_token", "")])[0]


ROUTES: list[BaseRoute] = [
    Route("/.well-known/openid-configuration", read_configuration, methods=["GET"]),
    Route("/.well-known/oauth-authorization-server", read_configuration, methods=["GET"]),
    Route("/.well-known/jwks.json", read_keys, methods=["GET"]),
    Route("/userinfo", read_user_info, methods=["GET", "POST"]),
]
