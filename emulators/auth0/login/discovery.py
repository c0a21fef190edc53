"""The discovery document, the keys, user info, and logout."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from emulators.auth0.errors import LoginPageError, OAuthError
from emulators.auth0.login.authorize import origin
from emulators.auth0.login.state import SESSION_COOKIE
from emulators.auth0.login.users import claims
from emulators.auth0.state import State

_FIXED = {
    "response_types_supported": ["code"],
    "response_modes_supported": ["query"],
    "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "code_challenge_methods_supported": ["S256"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
    "scopes_supported": ["openid", "profile", "email", "offline_access"],
    "claims_supported": ["aud", "exp", "iat", "iss", "name", "nickname", "picture", "sub"],
}


async def read_configuration(request: Request[State]) -> Response:
    """Return the discovery document (OpenID Connect Discovery 1.0, section 3)."""
    here = origin(request)
    endpoints = {
        "issuer": f"{here}/",
        "authorization_endpoint": f"{here}/authorize",
        "token_endpoint": f"{here}/oauth/token",
        "userinfo_endpoint": f"{here}/userinfo",
        "jwks_uri": f"{here}/.well-known/jwks.json",
    }
    return JSONResponse({**endpoints, **_FIXED})


async def read_keys(request: Request[State]) -> Response:
    """Return the public half of the key that signs ID tokens (RFC 7517, section 5)."""
    return JSONResponse({"keys": [request.state["tenant"].login.key.as_dict(private=False)]})


async def read_user_info(request: Request[State]) -> Response:
    """Return the claims of the access token's user (OpenID Connect Core 1.0, section 5.3)."""
    tenant = request.state["tenant"]
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    grant = tenant.login.access_tokens.get(token) if scheme.lower() == "bearer" else None
    if grant is None or grant.expires <= tenant.now() or grant.user_id not in tenant.users:
        return Response("Unauthorized", 401, {"www-authenticate": "Bearer"})
    bucket = tenant.rate_limits.bucket("user_info", grant.user_id)
    if bucket and not bucket.take():
        error = OAuthError(429, "too_many_requests", "Global limit has been reached")
        error.headers.update(bucket.headers())
        raise error
    return JSONResponse(claims(tenant.users[grant.user_id], grant.scope))


async def log_out(request: Request[State]) -> Response:
    """End the browser's session and send it to ``returnTo``, if that is registered.

    https://auth0.com/docs/api/authentication/logout/auth-0-logout
    """
    tenant, query = request.state["tenant"], request.query_params
    tenant.login.sessions.pop(request.cookies.get(SESSION_COOKIE, ""), None)
    client = tenant.clients.get(query.get("client_id", ""), tenant.settings)
    target = query.get("returnTo", "")
    if target and target not in client.get("allowed_logout_urls", []):
        what = 'The "returnTo" querystring parameter is not among the allowed logout URLs'
        raise LoginPageError("invalid_request", f"{what}: {target}")
    tenant.write_log("slo", "User successfully logged out", client_id=query.get("client_id"))
    response = RedirectResponse(target, 302) if target else Response("OK")
    response.delete_cookie(SESSION_COOKIE)
    return response


ROUTES: list[BaseRoute] = [
    Route("/.well-known/openid-configuration", read_configuration, methods=["GET"]),
    Route("/.well-known/jwks.json", read_keys, methods=["GET"]),
    Route("/userinfo", read_user_info, methods=["GET", "POST"]),
    Route("/v2/logout", log_out, methods=["GET"]),
]
