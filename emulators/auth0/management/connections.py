"""Connections: https://auth0.com/docs/api/management/v2/connections."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.auth0.errors import ConnectionConflict, InsufficientScope, InvalidPath, NoSuchConnection
from emulators.auth0.management.authorization import needs
from emulators.auth0.management.paging import allow_query, by_checkpoint, by_offset, chosen
from emulators.auth0.management.payloads import payload
from emulators.auth0.state import Record, State, Tenant, alphanumerics

_ID = re.compile(r"con_[A-Za-z0-9]{16}")
_ALWAYS_SHOWN = frozenset({"id", "is_domain_connection", "authentication", "connected_accounts"})
_LIST_QUERY = ("include_totals", "page", "per_page", "take", "from", "strategy", "name", "fields", "include_fields")


def named_connection(request: Request[State]) -> Record:
    """Return the connection whose id the path holds, or refuse as Auth0 does."""
    connection_id = request.path_params["id"]
    if not _ID.fullmatch(connection_id):
        what = f"'String does not match pattern ^con_[A-Za-z0-9]{{16}}$: {connection_id}'"
        raise InvalidPath(f"Path validation error: {what} on property id (The id of the connection).")
    connection = request.state["tenant"].connections.get(connection_id)
    if connection is None:
        raise NoSuchConnection("The connection does not exist")
    return connection


def shown(connection: Record, held: frozenset[str]) -> Record:
    """Return what a caller sees: without read:connections_options, silently, no options.

    https://auth0.com/docs/troubleshoot/product-lifecycle/deprecations-and-migrations
    """
    hidden = set[str]() if "read:connections_options" in held else {"options"}
    return {name: value for name, value in connection.items() if name not in hidden}


@needs("create:connections")
async def create_connection(request: Request[State], held: frozenset[str]) -> Response:
    """Create a connection, answered with 201."""
    tenant = request.state["tenant"]
    body = await payload(request, "create_connection")
    if _taken(tenant, body["name"]):
        raise ConnectionConflict("A connection with the same name already exists")
    defaults = {"is_domain_connection": False, "realms": [body["name"]], "enabled_clients": []}
    purposes = {"authentication": {"active": True}, "connected_accounts": {"active": False}}
    connection: Record = {
        "id": f"con_{alphanumerics(16)}",
        "options": {},
        **defaults,
        **purposes,
        **_without_nulls(body),
    }
    tenant.connections[connection["id"]] = connection
    tenant.enabled[connection["id"]] = []
    return JSONResponse(shown(connection, held), 201)


@needs("read:connections")
async def list_connections(request: Request[State], held: frozenset[str]) -> Response:
    """List connections, by checkpoint where ``take`` or ``from`` is given."""
    allow_query(request, *_LIST_QUERY)
    query = request.query_params
    found = [
        chosen(request, shown(connection, held), _ALWAYS_SHOWN)
        for connection in request.state["tenant"].connections.values()
        if connection["name"] == query.get("name", connection["name"])
        and connection["strategy"] in (query.getlist("strategy") or [connection["strategy"]])
    ]
    if "take" in query or "from" in query:
        return by_checkpoint(request, "connections", "id", found)
    return by_offset(request, "connections", found)


@needs("read:connections")
async def read_connection(request: Request[State], held: frozenset[str]) -> Response:
    """Return one connection."""
    allow_query(request, "fields", "include_fields")
    return JSONResponse(chosen(request, shown(named_connection(request), held), _ALWAYS_SHOWN))


@needs("update:connections")
async def update_connection(request: Request[State], held: frozenset[str]) -> Response:
    """Change a connection; ``options`` are replaced whole, and a display name that is left out is reset."""
    connection = named_connection(request)
    body = _without_nulls(await payload(request, "update_connection"))
    if "options" in body and "update:connections_options" not in held:
        raise InsufficientScope("Insufficient scope, expected any of: update:connections_options")
    if "display_name" in connection:
        connection["display_name"] = connection["name"]
    connection.update(body)
    return JSONResponse(shown(connection, held))


@needs("delete:connections")
async def delete_connection(request: Request[State], _held: frozenset[str]) -> Response:
    """Delete a connection with its users, answered with 202 since Auth0 takes its time."""
    tenant = request.state["tenant"]
    connection = named_connection(request)
    del tenant.connections[connection["id"]], tenant.enabled[connection["id"]]
    tenant.deleted_names[connection["name"]] = tenant.now()
    for user in list(tenant.users.values()):
        if user["identities"][0]["connection"] == connection["name"]:
            del tenant.users[user["user_id"]]
    return JSONResponse({"deleted_at": tenant.timestamp()}, 202)


def _taken(tenant: Tenant, name: str) -> bool:
    freed = tenant.deleted_names.get(name, 0) + tenant.switches.deletion_seconds
    return tenant.connection_named(name) is not None or freed > tenant.now()


def _without_nulls(body: Record) -> Record:
    if "options" not in body:
        return body
    return {**body, "options": {name: value for name, value in body["options"].items() if value is not None}}


ROUTES = [
    Route("/connections", create_connection, methods=["POST"]),
    Route("/connections", list_connections, methods=["GET"]),
    Route("/connections/{id}", read_connection, methods=["GET"]),
    Route("/connections/{id}", update_connection, methods=["PATCH"]),
    Route("/connections/{id}", delete_connection, methods=["DELETE"]),
]
