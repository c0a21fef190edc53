"""Tokens of applications: a code (with PKCE) or a refresh token is exchanged for them.

https://auth0.com/docs/api/authentication/authorization-code-flow-with-pkce/get-token-pkce
"""

import time
from dataclasses import replace

from joserfc import jwt
from starlette.requests import Request

from emulators.auth0.errors import OAuthError
from emulators.auth0.login.authorize import origin
from emulators.auth0.login.provider import s256
from emulators.auth0.login.state import Grant, issue
from emulators.auth0.login.users import claims
from emulators.auth0.state import Record, State, Tenant

Form = dict[str, str]
_ACCESS_TOKEN_SECONDS = 86_400
_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})


def authorization_code(tenant: Tenant, request: Request[State], client: Record, form: Form) -> Record:
    """Exchange a code, once (RFC 6749, section 4.1.3; RFC 7636, section 4.6)."""
    grant = tenant.login.codes.pop(form.get("code", ""), None)
    if grant is None or grant.expires <= tenant.now() or not _is_valid(tenant, client, grant):
        raise OAuthError(403, "invalid_grant", "Invalid authorization code")
    if problem := _mismatch(client, grant, form):
        raise OAuthError(403, "invalid_grant", problem)
    tenant.write_log("seacft", "Exchange of an authorization code", client_id=grant.client_id, user_id=grant.user_id)
    tokens = _issue_tokens(tenant, request, grant)
    if "offline_access" in grant.scope.split():
        tokens["refresh_token"] = issue(tenant.login.refresh_tokens, grant)
    return tokens


def refresh_token(tenant: Tenant, request: Request[State], client: Record, form: Form) -> Record:
    """Exchange a refresh token (RFC 6749, section 6); the new ID token has no nonce."""
    grant = tenant.login.refresh_tokens.get(form.get("refresh_token", ""))
    if grant is None or not _is_valid(tenant, client, grant):
        raise OAuthError(403, "invalid_grant", "Unknown or invalid refresh token.")
    tenant.write_log("sertft", "Exchange of a refresh token", client_id=grant.client_id, user_id=grant.user_id)
    return _issue_tokens(tenant, request, replace(grant, nonce=""))


def _is_valid(tenant: Tenant, client: Record, grant: Grant) -> bool:
    """Tell whether the grant is this application's, and its user still exists."""
    return grant.client_id == client["client_id"] and grant.user_id in tenant.users


def _mismatch(client: Record, grant: Grant, form: Form) -> str:
    if form.get("redirect_uri", "") != grant.redirect_uri:
        return "The redirect URI is wrong. You sent another one than the one of the authorization request."
    if grant.challenge and s256(form.get("code_verifier", "")) != grant.challenge:
        return "Failed to verify code verifier"
    if client["token_endpoint_auth_method"] == "none" and not grant.challenge:  # noqa: S105  # not a secret
        return "A public client has to use PKCE"
    return ""


def _issue_tokens(tenant: Tenant, request: Request[State], grant: Grant) -> Record:
    scopes = [scope for scope in grant.scope.split() if scope in _SCOPES]
    expires = tenant.now() + _ACCESS_TOKEN_SECONDS
    tokens: Record = {
        "access_token": issue(tenant.login.access_tokens, replace(grant, expires=expires)),
        "token_type": "Bearer",
        "expires_in": _ACCESS_TOKEN_SECONDS,
        "scope": " ".join(scopes),
    }
    if "openid" in scopes:
        tokens["id_token"] = _id_token(tenant, origin(request), grant)
    return tokens


def _id_token(tenant: Tenant, issuer: str, grant: Grant) -> str:
    now, key = int(time.time()), tenant.login.key
    lifetime: int = tenant.clients[grant.client_id]["jwt_configuration"]["lifetime_in_seconds"]
    token = {
        "iss": f"{issuer}/",
        "aud": grant.client_id,
        "iat": now,
        "exp": now + lifetime,
        **claims(tenant.users[grant.user_id], grant.scope),
        **({"nonce": grant.nonce} if grant.nonce else {}),
    }
    return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": key.kid}, token, key)
