"""Applications: https://auth0.com/docs/api/management/v2/clients."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.auth0.errors import NoSuchClient
from emulators.auth0.management.authorization import needs
from emulators.auth0.management.paging import allow_query, by_offset, chosen
from emulators.auth0.management.payloads import payload
from emulators.auth0.state import Record, State, alphanumerics, new_client

_SUMMARY = frozenset({"client_id", "app_type", "name", "description"})
_KEYS = frozenset({"client_secret", "signing_keys"})
_READERS = ("read:clients", "read:client_keys", "read:client_credentials", "read:client_summary")


def shown(client: Record, held: frozenset[str]) -> Record:
    """Return what a caller sees: a summary, with read:clients the rest, with read:client_keys the secret."""
    keys = _KEYS if held.isdisjoint({"read:client_keys", "read:client_credentials"}) else frozenset[str]()
    visible = client if not held.isdisjoint({"read:clients", "read:client_keys"}) else _SUMMARY
    return {name: value for name, value in client.items() if name in visible and name not in keys}


def named_client(request: Request[State]) -> Record:
    """Return the application whose id the path holds."""
    client = request.state["tenant"].clients.get(request.path_params["id"])
    if client is None:
        raise NoSuchClient("The client does not exist")
    return client


@needs("create:clients")
async def create_client(request: Request[State], held: frozenset[str]) -> Response:
    """Register an application, answered with 201."""
    tenant = request.state["tenant"]
    body = await payload(request, "create_client")
    client = {**new_client(tenant.name, alphanumerics(32), alphanumerics(64)), **body}
    tenant.clients[client["client_id"]] = client
    return JSONResponse(shown(client, held | {"read:clients"}), 201)


@needs(*_READERS)
async def list_clients(request: Request[State], held: frozenset[str]) -> Response:
    """List applications by offset."""
    allow_query(request, "page", "per_page", "include_totals", "fields", "include_fields")
    clients = request.state["tenant"].clients.values()
    return by_offset(request, "clients", [chosen(request, shown(client, held)) for client in clients])


@needs(*_READERS)
async def read_client(request: Request[State], held: frozenset[str]) -> Response:
    """Return one application."""
    allow_query(request, "fields", "include_fields")
    return JSONResponse(chosen(request, shown(named_client(request), held)))


@needs("update:clients")
async def update_client(request: Request[State], held: frozenset[str]) -> Response:
    """Change an application; null takes a property away."""
    client = named_client(request)
    for name, value in (await payload(request, "update_client")).items():
        client.pop(name, None)
        if value is not None:
            client[name] = value
    return JSONResponse(shown(client, held | {"read:clients"}))


@needs("delete:clients")
async def delete_client(request: Request[State], _held: frozenset[str]) -> Response:
    """Delete an application; no connection stays enabled for it."""
    tenant = request.state["tenant"]
    client_id = named_client(request)["client_id"]
    del tenant.clients[client_id]
    for enabled in tenant.enabled.values():
        if client_id in enabled:
            enabled.remove(client_id)
    return Response(status_code=204)


ROUTES = [
    Route("/clients", create_client, methods=["POST"]),
    Route("/clients", list_clients, methods=["GET"]),
    Route("/clients/{id}", read_client, methods=["GET"]),
    Route("/clients/{id}", update_client, methods=["PATCH"]),
    Route("/clients/{id}", delete_client, methods=["DELETE"]),
]
