"""Connections, and the applications that each is enabled for.

https://auth0.com/docs/api/management/v2/connections
"""

import json
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.auth0.errors import ManagementError, NotEmulatedError
from emulators.auth0.management.authorization import requires_scope, requires_scope_of
from emulators.auth0.management.paging import allow_parameters, checkpoint_page, offset_page, selected_fields
from emulators.auth0.management.payloads import read_payload
from emulators.auth0.state import Record, State, alphanumerics

_STRATEGIES = ("oauth2", "auth0")
# The options of a new database connection, as recorded in August 2026 by
# https://github.com/auth0/terraform-provider-auth0 (TestAccConnectionAddEmailAttributeUnique.yaml).
_DATABASE_OPTIONS = Path(__file__).with_name("database_options.json")
_ID = re.compile(r"con_[A-Za-z0-9]{16}")
_ALWAYS_SHOWN = frozenset({"id", "is_domain_connection", "authentication", "connected_accounts"})
_LIST_QUERY = ("include_totals", "page", "per_page", "take", "from", "strategy", "name", "fields", "include_fields")


def _requested_connection(request: Request[State]) -> Record:
    """Return the connection that the path names, or refuse in Auth0's words."""
    connection_id = request.path_params["id"]
    if not _ID.fullmatch(connection_id):
        reason = f"'String does not match pattern ^con_[A-Za-z0-9]{{16}}$: {connection_id}'"
        what = f"Path validation error: {reason} on property id (The id of the connection)."
        raise ManagementError("invalid_uri", what)
    connection = request.state["tenant"].connections.get(connection_id)
    if connection is None:
        raise ManagementError("inexistent_connection", "The connection does not exist")
    return connection


def _visible(connection: Record, scopes: frozenset[str]) -> Record:
    """Return the connection, without its options if the caller has no read:connections_options.

    https://auth0.com/docs/troubleshoot/product-lifecycle/deprecations-and-migrations
    """
    hidden = set[str]() if "read:connections_options" in scopes else {"options"}
    return {name: value for name, value in connection.items() if name not in hidden}


@requires_scope("create:connections")
async def create_connection(request: Request[State], scopes: frozenset[str]) -> Response:
    tenant = request.state["tenant"]
    body = await read_payload(request, "create_connection")
    if body["strategy"] not in _STRATEGIES:
        raise NotEmulatedError(f"connections of the strategy {body['strategy']}")
    if tenant.connection_named(body["name"]):
        raise ManagementError("connection_conflict", "A connection with the same name already exists")
    defaults = {"is_domain_connection": False, "realms": [body["name"]], "enabled_clients": []}
    purposes = {"authentication": {"active": True}, "connected_accounts": {"active": False}}
    connection: Record = {
        "id": f"con_{alphanumerics(16)}",
        **defaults,
        **purposes,
        **_without_nulls(body),
        "options": _options(body),
    }
    tenant.connections[connection["id"]] = connection
    tenant.enabled[connection["id"]] = []
    return JSONResponse(_visible(connection, scopes), 201)


def _options(body: Record) -> Record:
    """Return the options that a new connection has: those of the body, and the defaults of a database."""
    options: Record = _without_nulls(body).get("options", {})
    if body["strategy"] != "auth0":
        return options
    defaults: Record = json.loads(_DATABASE_OPTIONS.read_text("utf-8"))
    if options.get("passwordPolicy"):
        del defaults["password_options"]
    return {**defaults, **options}


@requires_scope("read:connections")
async def list_connections(request: Request[State], scopes: frozenset[str]) -> Response:
    """List connections, by checkpoint if ``take`` or ``from`` is given."""
    allow_parameters(request, *_LIST_QUERY)
    query = request.query_params
    found = [
        selected_fields(request, _visible(connection, scopes), _ALWAYS_SHOWN)
        for connection in request.state["tenant"].connections.values()
        if connection["name"] == query.get("name", connection["name"])
        and connection["strategy"] in (query.getlist("strategy") or [connection["strategy"]])
    ]
    if "take" in query or "from" in query:
        return checkpoint_page(request, "connections", "id", found)
    return offset_page(request, "connections", found)


@requires_scope("read:connections")
async def read_connection(request: Request[State], scopes: frozenset[str]) -> Response:
    allow_parameters(request, "fields", "include_fields")
    return JSONResponse(selected_fields(request, _visible(_requested_connection(request), scopes), _ALWAYS_SHOWN))


@requires_scope("update:connections")
async def update_connection(request: Request[State], scopes: frozenset[str]) -> Response:
    """Change a connection; ``options`` are replaced as a whole, and a display name that is left out is reset."""
    connection = _requested_connection(request)
    body = _without_nulls(await read_payload(request, f"update_{connection['strategy']}_connection"))
    if "options" in body and "update:connections_options" not in scopes:
        raise ManagementError("insufficient_scope", "Insufficient scope, expected any of: update:connections_options")
    if "display_name" in connection:
        connection["display_name"] = connection["name"]
    connection.update(body)
    return JSONResponse(_visible(connection, scopes))


@requires_scope("delete:connections")
async def delete_connection(request: Request[State], _scopes: frozenset[str]) -> Response:
    """Delete a connection with its users."""
    tenant = request.state["tenant"]
    tenant.delete_connection(_requested_connection(request)["id"])
    return JSONResponse({"deleted_at": tenant.timestamp()}, 202)


def _without_nulls(body: Record) -> Record:
    if "options" not in body:
        return body
    return {**body, "options": {name: value for name, value in body["options"].items() if value is not None}}


@requires_scope_of(lambda tenant: tenant.assumptions.enabled_clients_read)
async def list_enabled_clients(request: Request[State], _scopes: frozenset[str]) -> Response:
    allow_parameters(request, "take", "from")
    enabled = request.state["tenant"].enabled[_requested_connection(request)["id"]]
    return checkpoint_page(request, "clients", "client_id", [{"client_id": client_id} for client_id in enabled])


@requires_scope_of(lambda tenant: tenant.assumptions.enabled_clients_update)
async def update_enabled_clients(request: Request[State], _scopes: frozenset[str]) -> Response:
    """Enable or disable the connection for the applications in the body; others stay as they are."""
    tenant = request.state["tenant"]
    enabled = tenant.enabled[_requested_connection(request)["id"]]
    changes = await read_payload(request, "update_enabled_clients")
    if any(change["client_id"] not in tenant.clients for change in changes):
        raise ManagementError("inexistent_client", "The client does not exist")
    for change in changes:
        if change["status"] is (change["client_id"] not in enabled):
            (enabled.append if change["status"] else enabled.remove)(change["client_id"])
    return Response(status_code=204)


ROUTES = [
    Route("/connections", create_connection, methods=["POST"]),
    Route("/connections", list_connections, methods=["GET"]),
    Route("/connections/{id}", read_connection, methods=["GET"]),
    Route("/connections/{id}", update_connection, methods=["PATCH"]),
    Route("/connections/{id}", delete_connection, methods=["DELETE"]),
    Route("/connections/{id}/clients", list_enabled_clients, methods=["GET"]),
    Route("/connections/{id}/clients", update_enabled_clients, methods=["PATCH"]),
]
