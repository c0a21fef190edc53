"""Access tokens for the Management API: the client credentials grant (RFC 6749, section 4.4)."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from emulators.auth0.authentication import authenticated_client, require_grant
from emulators.auth0.errors import OAuthError
from emulators.auth0.state import Record, State, Tenant, Token, alphanumerics


def client_credentials(request: Request[State], form: dict[str, str]) -> JSONResponse:
    """Give a deployer a token with the scopes of its grant, or with those of them that it asks for."""
    tenant = request.state["tenant"]
    client = authenticated_client(tenant, request, form)
    require_grant(client, "client_credentials")
    scopes = _granted(tenant, client, form, f"https://{request.headers['host']}/api/v2/")
    seconds = tenant.switches.management_token_seconds
    token = alphanumerics(64)
    tenant.tokens[token] = Token(client_id=client["client_id"], scopes=scopes, expires=tenant.now() + seconds)
    tenant.write_log("seccft", "", client_id=client["client_id"], scope=" ".join(sorted(scopes)))
    answer = {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": " ".join(sorted(scopes))}
    return JSONResponse(answer, headers=OAuthError.NO_STORE)


def _granted(tenant: Tenant, client: Record, form: dict[str, str], api: str) -> frozenset[str]:
    audience = form.get("audience", "")
    if audience != api:
        raise OAuthError(403, "access_denied", f"Service not enabled within domain: {audience}")
    scopes = tenant.grants.get(client["client_id"])
    if scopes is None:
        needed = 'You need to create a "client-grant" associated to this API.'
        raise OAuthError(403, "access_denied", f'Client is not authorized to access "{api}". {needed}')
    asked = frozenset(form.get("scope", "").split())
    return scopes & asked if asked else scopes
