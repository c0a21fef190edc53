"""Applications and their grants for the Management API.

https://auth0.com/docs/api/management/v2/clients and https://auth0.com/docs/api/management/v2/client-grants
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.auth0.errors import ManagementError, NotEmulatedError
from emulators.auth0.management.authorization import requires_scope
from emulators.auth0.management.paging import (
    allow_parameters,
    boolean_parameter,
    offset_page,
    selected_fields,
)
from emulators.auth0.management.payloads import read_payload
from emulators.auth0.state import Record, State, alphanumerics, new_client

_SUMMARY = frozenset({"client_id", "app_type", "name", "description"})
_LIST_PARAMETERS = (
    *("page", "per_page", "include_totals", "fields", "include_fields"),
    *("is_global", "is_first_party", "app_type"),
)
_APP_TYPES = (None, "native", "spa", "regular_web", "non_interactive")
_KEYS = frozenset({"client_secret", "signing_keys"})
_READERS = ("read:clients", "read:client_keys", "read:client_credentials", "read:client_summary")


def _visible(client: Record, scopes: frozenset[str]) -> Record:
    """Return a summary; with read:clients the rest, and with read:client_keys the secret."""
    keys = _KEYS if scopes.isdisjoint({"read:client_keys", "read:client_credentials"}) else frozenset[str]()
    visible = client if not scopes.isdisjoint({"read:clients", "read:client_keys"}) else _SUMMARY
    return {name: value for name, value in client.items() if name in visible and name not in keys}


def _requested_client(request: Request[State]) -> Record:
    client = request.state["tenant"].clients.get(request.path_params["id"])
    if client is None:
        raise ManagementError("inexistent_client", "The client does not exist")
    return client


def _defaults(body: Record) -> Record:
    """Return the defaults of an application created through the API, which depend on the body.

    Recorded by https://github.com/auth0/terraform-provider-auth0, in test/data/recordings.
    """
    method, first_party = body.get("token_endpoint_auth_method"), body.get("is_first_party", True)
    public = body.get("app_type") in {"spa", "native"}
    with_secret = method in {"client_secret_post", "client_secret_basic"}
    return {
        "oidc_conformant": not first_party,
        "token_endpoint_auth_method": "none" if public and method is None else method,
        "grant_types": [
            *("authorization_code", "implicit", "refresh_token"),
            *(() if public or not first_party else ("client_credentials",)),
        ],
        "jwt_configuration": {"secret_encoded": False, "lifetime_in_seconds": 36_000},
        "refresh_token": {
            "rotation_type": "non-rotating" if first_party else "rotating",
            "expiration_type": "non-expiring" if first_party else "expiring",
            "leeway": 0,
            "token_lifetime": 31_557_600 if with_secret else 2_592_000,
            "idle_token_lifetime": 2_592_000 if with_secret else 1_296_000,
            "infinite_token_lifetime": first_party,
            "infinite_idle_token_lifetime": first_party,
        },
        **({} if first_party else {"third_party_security_mode": "permissive"}),
    }


def _require_emulated(body: Record) -> None:
    kind = body.get("app_type")
    if kind not in _APP_TYPES:
        raise NotEmulatedError(f"applications of the type {kind}")
    if body.get("third_party_security_mode") == "strict":
        raise NotEmulatedError("third-party applications with strict security")


@requires_scope("create:clients")
async def create_client(request: Request[State], scopes: frozenset[str]) -> Response:
    tenant = request.state["tenant"]
    body = await read_payload(request, "create_client")
    _require_emulated(body)
    client = {**new_client(tenant.name, alphanumerics(32), alphanumerics(64)), **_defaults(body), **body}
    if client.get("token_endpoint_auth_method") is None:
        client.pop("token_endpoint_auth_method", None)
    tenant.clients[client["client_id"]] = client
    return JSONResponse(_visible(client, scopes | {"read:clients"}), 201)


@requires_scope(*_READERS)
async def list_clients(request: Request[State], scopes: frozenset[str]) -> Response:
    allow_parameters(request, *_LIST_PARAMETERS, not_emulated=("q", "from", "take", "external_client_id"))
    query = request.query_params
    types = [kind for kind in query.get("app_type", "").split(",") if kind]
    found = [
        selected_fields(request, _visible(client, scopes))
        for client in request.state["tenant"].clients.values()
        if (not types or client.get("app_type") in types)
        and client["global"] is boolean_parameter(request, "is_global", default=client["global"])
        and client["is_first_party"] is boolean_parameter(request, "is_first_party", default=client["is_first_party"])
    ]
    return offset_page(request, "clients", found)


@requires_scope(*_READERS)
async def read_client(request: Request[State], scopes: frozenset[str]) -> Response:
    allow_parameters(request, "fields", "include_fields")
    return JSONResponse(selected_fields(request, _visible(_requested_client(request), scopes)))


@requires_scope("update:clients")
async def update_client(request: Request[State], scopes: frozenset[str]) -> Response:
    """Change an application; null removes a property."""
    client = _requested_client(request)
    body = await read_payload(request, "update_client")
    _require_emulated(body)
    for name, value in body.items():
        client.pop(name, None)
        if value is not None:
            client[name] = value
    return JSONResponse(_visible(client, scopes | {"read:clients"}))


@requires_scope("delete:clients")
async def delete_client(request: Request[State], _scopes: frozenset[str]) -> Response:
    """Delete an application, also from the connections that are enabled for it."""
    tenant = request.state["tenant"]
    client_id = _requested_client(request)["client_id"]
    del tenant.clients[client_id]
    for enabled in tenant.enabled.values():
        if client_id in enabled:
            enabled.remove(client_id)
    return Response(status_code=204)


@requires_scope("read:client_grants")
async def list_grants(request: Request[State], _scopes: frozenset[str]) -> Response:
    allow_parameters(
        request,
        *("page", "per_page", "include_totals", "client_id", "audience"),
        not_emulated=("from", "take", "allow_any_organization", "subject_type"),
    )
    audience = f"https://{request.headers['host']}/api/v2/"
    found = [
        {
            "id": f"cgr_{client_id}",
            "client_id": client_id,
            "audience": audience,
            "scope": sorted(scopes),
            "subject_type": "client",
        }
        for client_id, scopes in request.state["tenant"].grants.items()
        if client_id == request.query_params.get("client_id", client_id)
        and audience == request.query_params.get("audience", audience)
    ]
    return offset_page(request, "client_grants", found)


ROUTES = [
    Route("/client-grants", list_grants, methods=["GET"]),
    Route("/clients", create_client, methods=["POST"]),
    Route("/clients", list_clients, methods=["GET"]),
    Route("/clients/{id}", read_client, methods=["GET"]),
    Route("/clients/{id}", update_client, methods=["PATCH"]),
    Route("/clients/{id}", delete_client, methods=["DELETE"]),
]
