"""Tokens of applications, and the grants that they are exchanged for.

https://auth0.com/docs/secure/tokens
"""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace

from joserfc import jwt
from starlette.requests import Request

from emulators.auth0.errors import OAuthError
from emulators.auth0.login.provider import s256
from emulators.auth0.login.sessions import origin
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
    return _issue_tokens(tenant, request, replace(grant, family=secrets.token_urlsafe(16)), first=True)


def refresh_token(tenant: Tenant, request: Request[State], client: Record, form: Form) -> Record:
    """Exchange a refresh token (RFC 6749, section 6), for fewer scopes if the form says so.

    A rotating client gets a new one each time; the use of an old one revokes everything issued from it
    (https://auth0.com/docs/secure/tokens/refresh-tokens/refresh-token-rotation).
    """
    token, login = form.get("refresh_token", ""), tenant.login
    grant = login.refresh_tokens.get(token)
    if grant is None or not _is_valid(tenant, client, grant):
        _revoke_family(tenant, login.spent_refresh_tokens.get(token, ""))
        raise OAuthError(403, "invalid_grant", "Unknown or invalid refresh token.")
    tenant.write_log("sertft", "Exchange of a refresh token", client_id=grant.client_id, user_id=grant.user_id)
    rotating = client.get("refresh_token", {}).get("rotation_type") == "rotating"
    if rotating:
        del login.refresh_tokens[token]
        login.spent_refresh_tokens[token] = grant.family
    kept = [scope for scope in grant.scope.split() if scope in (form.get("scope") or grant.scope).split()]
    tokens = _issue_tokens(tenant, request, replace(grant, nonce="", scope=" ".join(kept)), first=False)
    if rotating:
        tokens["refresh_token"] = issue(login.refresh_tokens, replace(grant, nonce=""))
    return tokens


def _revoke_family(tenant: Tenant, family: str) -> None:
    tokens = tenant.login.refresh_tokens
    for token in [each for each, grant in tokens.items() if family and grant.family == family]:
        del tokens[token]


def _is_valid(tenant: Tenant, client: Record, grant: Grant) -> bool:
    """Tell whether the grant belongs to this application and its user still exists."""
    return grant.client_id == client["client_id"] and grant.user_id in tenant.users


def _mismatch(client: Record, grant: Grant, form: Form) -> str:
    if form.get("redirect_uri", "") != grant.redirect_uri:
        return "The redirect URI is wrong. You sent another one than the one of the authorization request."
    if grant.challenge and s256(form.get("code_verifier", "")) != grant.challenge:
        return "Failed to verify code verifier"
    if client.get("token_endpoint_auth_method") == "none" and not grant.challenge:  # not a secret
        return "A public client has to use PKCE"
    return ""


def _issue_tokens(tenant: Tenant, request: Request[State], grant: Grant, *, first: bool) -> Record:
    scopes = _granted_scopes(tenant, grant)
    tokens = issue_access_token(tenant, origin(request), grant)
    if first and "offline_access" in scopes:
        tokens["refresh_token"] = issue(tenant.login.refresh_tokens, grant)
    if "openid" in scopes:
        tokens["id_token"] = id_token(tenant, origin(request), grant, {})
    return tokens


def requested_audience(tenant: Tenant, parameters: Mapping[str, str]) -> str:
    """Return the API that tokens are for: ``audience``, else ``resource``, else the tenant's default."""
    default: str = tenant.settings.get("default_audience", "")
    return parameters.get("audience") or parameters.get("resource") or default


def _granted_scopes(tenant: Tenant, grant: Grant) -> list[str]:
    """Return the requested scopes that exist; a refresh token needs its grant type, and an API that allows it."""
    api = tenant.apis.get(grant.audience)
    known = _SCOPES | (api.scopes if api else frozenset[str]())
    offline = "refresh_token" in tenant.clients[grant.client_id]["grant_types"]
    if not offline or (api and not api.allow_offline_access):
        known -= {"offline_access"}
    return [scope for scope in grant.scope.split() if scope in known]


def issue_access_token(tenant: Tenant, issuer: str, grant: Grant, seconds: int | None = None) -> Record:
    """Return an access token with its lifetime, type and scope: opaque without an API, else a JWT.

    https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles
    """
    api, scopes = tenant.apis.get(grant.audience), _granted_scopes(tenant, grant)
    seconds = seconds or _ACCESS_TOKEN_SECONDS
    grant = replace(grant, scope=" ".join(scopes), expires=tenant.now() + seconds)
    if api:
        now = int(time.time())
        audience = [api.identifier, f"{issuer}/userinfo"] if "openid" in scopes else api.identifier
        payload: Record = {
            "iss": f"{issuer}/",
            "sub": grant.user_id,
            "aud": audience,
            "iat": now,
            "exp": now + seconds,
            **({"scope": grant.scope} if scopes else {}),
            "azp": grant.client_id,
        }
        token = _sign(tenant, payload)
        tenant.login.access_tokens[token] = grant
    else:
        token = issue(tenant.login.access_tokens, grant)
    scope = {"scope": grant.scope} if scopes else {}
    return {"access_token": token, **scope, "expires_in": seconds, "token_type": "Bearer"}


def id_token(tenant: Tenant, issuer: str, grant: Grant, beside: Record) -> str:
    """Return an ID token, with the hashes of a code and an access token that /authorize returns beside it."""
    now = int(time.time())
    lifetime: int = tenant.clients[grant.client_id]["jwt_configuration"].get("lifetime_in_seconds", 36_000)
    known = claims(tenant.users[grant.user_id], grant.scope)
    payload: Record = {
        **{name: value for name, value in known.items() if name != "sub"},
        "iss": f"{issuer}/",
        "aud": grant.client_id,
        "iat": now,
        "exp": now + lifetime,
        "sub": grant.user_id,
        "sid": grant.sid,
    }
    optional = {
        "auth_time": int(grant.auth_time),
        "nonce": grant.nonce,
        "at_hash": _half_hash(beside.get("access_token", "")),
        "c_hash": _half_hash(beside.get("code", "")),
    }
    return _sign(tenant, payload | {name: value for name, value in optional.items() if value})


def _half_hash(value: str) -> str:
    """Return at_hash or c_hash (OpenID Connect Core 1.0, section 3.3.2.11); "" for nothing."""
    digest = hashlib.sha256(value.encode()).digest()[:16] if value else b""
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _sign(tenant: Tenant, payload: Record) -> str:
    key = tenant.login.keys.current
    return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": key.kid}, payload, key)
