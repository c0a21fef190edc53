"""POST /oauth/token for applications: a code (with PKCE) or a refresh token becomes tokens.

https://auth0.com/docs/api/authentication/authorization-code-flow-with-pkce/get-token-pkce
"""

import time
from dataclasses import replace
from typing import Any

from joserfc import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse

from emulators.auth0.authentication import authenticated_client, require_grant
from emulators.auth0.errors import OAuthError
from emulators.auth0.login.authorize import origin
from emulators.auth0.login.hops import Hop, masked
from emulators.auth0.login.state import Grant
from emulators.auth0.login.upstream import s256
from emulators.auth0.login.users import claims
from emulators.auth0.state import Record, State, Tenant


def authorization_code(request: Request[State], form: dict[str, str]) -> JSONResponse:
    """Exchange a code, once (RFC 6749, section 4.1.3; RFC 7636, section 4.6)."""
    tenant = request.state["tenant"]
    client = _client(tenant, request, form, "authorization_code", "feacft")
    grant = tenant.login.codes.pop(form.get("code", ""), None)
    problem = _problem(tenant, client, grant, form)
    if problem or grant is None:
        raise _refused(tenant, client, "feacft", problem)
    tenant.write_log("seacft", "Exchange of an authorization code", client_id=grant.client_id, user_id=grant.user_id)
    answer = _tokens(tenant, request, grant)
    if grant.sign_in:
        hop = Hop(sender="Application", receiver="Auth0", request="POST /oauth/token", sent=masked(form), status=200)
        hop.answered = masked(answer)
        grant.sign_in.hops.append(hop)
    return JSONResponse(answer, headers=OAuthError.NO_STORE)


def refresh_token(request: Request[State], form: dict[str, str]) -> JSONResponse:
    """Renew tokens (RFC 6749, section 6)."""
    tenant = request.state["tenant"]
    client = _client(tenant, request, form, "refresh_token", "fertft")
    grant = tenant.login.refresh_tokens.get(form.get("refresh_token", ""))
    if grant is None or not _still(tenant, client, grant):
        raise _refused(tenant, client, "fertft", "Unknown or invalid refresh token.")
    tenant.write_log("sertft", "Exchange of a refresh token", client_id=grant.client_id, user_id=grant.user_id)
    return JSONResponse(_tokens(tenant, request, replace(grant, nonce=""), again=True), headers=OAuthError.NO_STORE)


def _client(tenant: Tenant, request: Request[State], form: dict[str, str], grant_type: str, code: str) -> Record:
    try:
        client = authenticated_client(tenant, request, form)
        require_grant(client, grant_type)
    except OAuthError as refused:
        tenant.write_log(code, str(refused), client_id=form.get("client_id"))
        raise
    return client


def _problem(tenant: Tenant, client: Record, grant: Grant | None, form: dict[str, str]) -> str:
    if grant is None or grant.expires <= tenant.now() or not _still(tenant, client, grant):
        return "Invalid authorization code"
    if form.get("redirect_uri", "") != grant.redirect_uri:
        return "The redirect URI is wrong. You sent another one than the one of the authorization request."
    if grant.challenge and s256(form.get("code_verifier", "")) != grant.challenge:
        return "Failed to verify code verifier"
    if client["token_endpoint_auth_method"] == "none" and not grant.challenge:  # noqa: S105  # not a secret
        return "A public client has to use PKCE"
    return ""


def _still(tenant: Tenant, client: Record, grant: Grant) -> bool:
    """Tell whether a grant is this application's and its user still there."""
    return grant.client_id == client["client_id"] and grant.user_id in tenant.users


def _refused(tenant: Tenant, client: Record, code: str, problem: str) -> OAuthError:
    tenant.write_log(code, problem, client_id=client["client_id"])
    return OAuthError(403, "invalid_grant", problem)


def _tokens(tenant: Tenant, request: Request[State], grant: Grant, *, again: bool = False) -> dict[str, Any]:
    login, seconds = tenant.login, tenant.switches.access_token_seconds
    scopes = [scope for scope in grant.scope.split() if scope in {"openid", "profile", "email", "offline_access"}]
    access = login.keep(login.access_tokens, replace(grant, expires=tenant.now() + seconds))
    answer: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": seconds}
    if "offline_access" in scopes and not again:
        answer["refresh_token"] = login.keep(login.refresh_tokens, grant)
    if "openid" in scopes:
        answer["id_token"] = _id_token(tenant, origin(request), grant)
    return {**answer, "scope": " ".join(scopes)}


def _id_token(tenant: Tenant, issuer: str, grant: Grant) -> str:
    now, key = int(time.time()), tenant.login.key
    token = {
        "iss": f"{issuer}/",
        "aud": grant.client_id,
        "iat": now,
        "exp": now + tenant.switches.id_token_seconds,
        **claims(tenant.users[grant.user_id], grant.scope),
        **({"nonce": grant.nonce} if grant.nonce else {}),
    }
    return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": key.kid}, token, key)
