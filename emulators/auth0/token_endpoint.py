"""POST /oauth/token and /oauth/revoke, including the Management API's client credentials."""

import base64
import binascii
import hmac
import json
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from emulators.auth0.errors import NotEmulatedError, OAuthError
from emulators.auth0.login.tokens import Form, authorization_code, refresh_token
from emulators.auth0.state import Record, State, Tenant, Token, alphanumerics

_OTHER_PARAMETERS = ("client_assertion", "organization")
_OTHER_GRANTS = frozenset(
    {
        "http://auth0.com/oauth/grant-type/mfa-oob",
        "http://auth0.com/oauth/grant-type/mfa-otp",
        "http://auth0.com/oauth/grant-type/mfa-recovery-code",
        "http://auth0.com/oauth/grant-type/password-realm",
        "http://auth0.com/oauth/grant-type/passwordless/otp",
        "password",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:openid:params:grant-type:ciba",
    }
)
_MANAGEMENT_TOKEN_SECONDS = 86_400


async def issue_token(request: Request[State]) -> JSONResponse:
    """Answer a token request (RFC 6749, sections 4 to 6)."""
    tenant = request.state["tenant"]
    form = await _posted_form(request)
    _refuse_what_is_not_emulated(request, form)
    grant = _GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        raise OAuthError(403, "unsupported_grant_type", f"Unsupported grant type: {form.get('grant_type', '')}")
    try:
        client = _authenticate(tenant, request, form)
        _require_grant(client, form["grant_type"])
        tokens = grant.issue(tenant, request, client, form)
    except OAuthError as error:
        tenant.write_log(grant.failure, str(error), client_id=form.get("client_id"))
        raise
    return JSONResponse(tokens, headers=OAuthError.NO_STORE)


def _refuse_what_is_not_emulated(request: Request[State], form: Form) -> None:
    found = [name for name in _OTHER_PARAMETERS if name in form]
    found += [f"grant_type={form['grant_type']}"] if form.get("grant_type") in _OTHER_GRANTS else []
    found += ["DPoP (a header)"] if "dpop" in request.headers else []
    if found:
        raise NotEmulatedError(f"the parameter {found[0]} of /oauth/token")


async def _posted_form(request: Request[State]) -> Form:
    """Return the parameters of a form or JSON body; Auth0 accepts both."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        return _json_parameters(body)
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    if len(pairs) != len(dict(pairs)):
        raise OAuthError(400, "invalid_request", "A parameter is repeated.")
    return dict(pairs)


def _json_parameters(body: bytes) -> Form:
    try:
        value: Any = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise OAuthError(400, "invalid_request", "The body is no JSON object.")
    return {str(name): str(each) for name, each in value.items() if each is not None}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # JSON


def _credentials(request: Request[State], form: Form) -> tuple[str, str]:
    """Return client id and secret from HTTP Basic (RFC 6749, section 2.3.1) or the body; "" for what is missing."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError(401, "access_denied", "Unauthorized") from None
    return unquote_plus(name), unquote_plus(secret)


def _authenticate(tenant: Tenant, request: Request[State], form: Form) -> Record:
    """Return the application, or refuse; only a public one may omit the secret."""
    client_id, secret = _credentials(request, form)
    client = tenant.clients.get(client_id)
    if client is None:
        raise OAuthError(401, "access_denied", "Unauthorized")
    if client.get("token_endpoint_auth_method") == "none" and not secret:  # not a secret
        return client
    if not hmac.compare_digest(client["client_secret"].encode(), secret.encode()):
        raise OAuthError(401, "access_denied", "Unauthorized")
    return client


def _require_grant(client: Record, grant_type: str) -> None:
    if grant_type not in client["grant_types"]:
        description = f"Grant type '{grant_type}' not allowed for the client."
        raise OAuthError(403, "unauthorized_client", description)


def client_credentials(tenant: Tenant, request: Request[State], client: Record, form: Form) -> Record:
    """Issue a token for the Management API with the granted scopes, or those of them that are requested.

    See RFC 6749, section 4.4.
    """
    scopes = _granted_scopes(tenant, client, form, f"https://{request.headers['host']}/api/v2/")
    token = alphanumerics(64)
    expires = tenant.now() + _MANAGEMENT_TOKEN_SECONDS
    tenant.tokens[token] = Token(client_id=client["client_id"], scopes=scopes, expires=expires)
    scope = " ".join(sorted(scopes))
    tenant.write_log("seccft", "", client_id=client["client_id"], scope=scope)
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": _MANAGEMENT_TOKEN_SECONDS,
        "scope": scope,
    }


def _granted_scopes(tenant: Tenant, client: Record, form: Form, api: str) -> frozenset[str]:
    audience = form.get("audience", "")
    if audience in tenant.apis:
        raise NotEmulatedError("client_credentials for an API of the tenant's own")
    if audience != api:
        raise OAuthError(403, "access_denied", f"Service not enabled within domain: {audience}")
    scopes = tenant.grants.get(client["client_id"])
    if scopes is None:
        needed = 'You need to create a "client-grant" associated to this API.'
        raise OAuthError(403, "access_denied", f'Client is not authorized to access "{api}". {needed}')
    requested = frozenset(form.get("scope", "").split())
    return scopes & requested if requested else scopes


class _Grant(NamedTuple):
    """The handler of a grant type, and the log event of its failures."""

    issue: Callable[[Tenant, Request[State], Record, Form], Record]
    failure: str


_GRANTS = {
    "authorization_code": _Grant(authorization_code, "feacft"),
    "client_credentials": _Grant(client_credentials, "feccft"),
    "refresh_token": _Grant(refresh_token, "fertft"),
}


async def revoke_token(request: Request[State]) -> Response:
    """Revoke a refresh token; one that is unknown is no error (RFC 7009)."""
    tenant = request.state["tenant"]
    form = await _posted_form(request)
    client = _authenticate(tenant, request, form)
    if "token" not in form:
        raise OAuthError(400, "invalid_request", "Missing required parameter: token")
    grant = tenant.login.refresh_tokens.get(form["token"])
    if grant and grant.client_id == client["client_id"]:
        del tenant.login.refresh_tokens[form["token"]]
    return Response(status_code=200)


ROUTES: list[BaseRoute] = [
    Route("/oauth/token", issue_token, methods=["POST"]),
    Route("/oauth/revoke", revoke_token, methods=["POST"]),
]
