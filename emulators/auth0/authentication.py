"""How an application shows at the token endpoint who it is, and what it asks there."""

import base64
import binascii
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

from emulators.auth0.errors import OAuthError
from emulators.auth0.state import Record, State, Tenant


async def posted_form(request: Request[State]) -> dict[str, str]:
    """Return the parameters of a form or JSON body, both of which Auth0 takes; a repeated one is refused."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        return _from_json(body)
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    if len(pairs) != len(dict(pairs)):
        raise OAuthError(400, "invalid_request", "A parameter is repeated.")
    return dict(pairs)


def _from_json(body: bytes) -> dict[str, str]:
    try:
        value: Any = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise OAuthError(400, "invalid_request", "The body is no JSON object.")
    return {str(name): str(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # JSON


def credentials(request: Request[State], form: dict[str, str]) -> tuple[str, str]:
    """Return client id and secret, by HTTP Basic (RFC 6749, section 2.3.1) or from the body; "" for what is missing."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError(401, "access_denied", "Unauthorized") from None
    return unquote_plus(name), unquote_plus(secret)


def authenticated_client(tenant: Tenant, request: Request[State], form: dict[str, str]) -> Record:
    """Return the application that asks; one without a secret only if it is registered as public."""
    client_id, secret = credentials(request, form)
    client = tenant.clients.get(client_id)
    if client is None:
        raise OAuthError(401, "access_denied", "Unauthorized")
    if client["token_endpoint_auth_method"] == "none" and not secret:  # noqa: S105  # not a secret
        return client
    if not hmac.compare_digest(client["client_secret"].encode(), secret.encode()):
        raise OAuthError(401, "access_denied", "Unauthorized")
    return client


def require_grant(client: Record, grant_type: str) -> None:
    """Refuse a grant type that the application is not registered for."""
    if grant_type not in client["grant_types"]:
        description = f"Grant type '{grant_type}' not allowed for the client."
        raise OAuthError(403, "unauthorized_client", description)
