"""The discovery document, the keys, and user info.

https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery
"""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulators.auth0.errors import OAuthError
from emulators.auth0.login.sessions import origin
from emulators.auth0.login.users import claims
from emulators.auth0.state import State

_ENDPOINTS = {
    "authorization_endpoint": "/authorize",
    "token_endpoint": "/oauth/token",
    "device_authorization_endpoint": "/oauth/device/code",
    "userinfo_endpoint": "/userinfo",
    "mfa_challenge_endpoint": "/mfa/challenge",
    "jwks_uri": "/.well-known/jwks.json",
    "registration_endpoint": "/oidc/register",
    "revocation_endpoint": "/oauth/revoke",
    "backchannel_authentication_endpoint": "/bc-authorize",
    "global_token_revocation_endpoint": "/oauth/global-token-revocation/connection/{connectionName}",
}
_FIXED = {
    "scopes_supported": [
        *("openid", "profile", "offline_access", "name", "given_name", "family_name", "nickname", "email"),
        *("email_verified", "picture", "created_at", "identities", "phone", "address"),
    ],
    "response_types_supported": [
        *("code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token"),
    ],
    "code_challenge_methods_supported": ["S256", "plain"],
    "response_modes_supported": ["query", "fragment", "form_post"],
    "subject_types_supported": ["public"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
    "claims_supported": [
        *("aud", "auth_time", "created_at", "email", "email_verified", "exp", "family_name", "given_name", "iat"),
        *("identities", "iss", "name", "nickname", "phone_number", "picture", "sub"),
    ],
    "request_uri_parameter_supported": False,
    "request_parameter_supported": False,
    "id_token_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
    "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "PS256"],
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
    "backchannel_token_delivery_modes_supported": ["poll"],
    "global_token_revocation_endpoint_auth_methods_supported": ["global-token-revocation+jwt"],
}


async def read_configuration(request: Request[State]) -> Response:
    """Return what a tenant publishes today, including endpoints that are not emulated."""
    here = origin(request)
    endpoints = {name: f"{here}{path}" for name, path in _ENDPOINTS.items()}
    setting = request.state["tenant"].settings.get("oidc_logout", {})
    if setting.get("rp_logout_end_session_endpoint_discovery"):
        endpoints["end_session_endpoint"] = f"{here}/oidc/logout"
    return JSONResponse({"issuer": f"{here}/", **endpoints, **_FIXED})


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
