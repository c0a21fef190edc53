"""For which applications a connection is enabled: /api/v2/connections/{id}/clients."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.auth0.errors import NoSuchClient
from emulators.auth0.management.authorization import needs_by
from emulators.auth0.management.connections import named_connection
from emulators.auth0.management.paging import allow_query, by_checkpoint
from emulators.auth0.management.payloads import payload
from emulators.auth0.state import State


@needs_by(lambda tenant: tenant.switches.enabled_clients_read)
async def list_enabled_clients(request: Request[State], _held: frozenset[str]) -> Response:
    """List the applications that offer the connection."""
    allow_query(request, "take", "from")
    enabled = request.state["tenant"].enabled[named_connection(request)["id"]]
    return by_checkpoint(request, "clients", "client_id", [{"client_id": client_id} for client_id in enabled])


@needs_by(lambda tenant: tenant.switches.enabled_clients_update)
async def update_enabled_clients(request: Request[State], _held: frozenset[str]) -> Response:
    """Switch the connection on or off for the applications that the body names, and for no other."""
    tenant = request.state["tenant"]
    enabled = tenant.enabled[named_connection(request)["id"]]
    changes = await payload(request, "update_enabled_clients")
    if any(change["client_id"] not in tenant.clients for change in changes):
        raise NoSuchClient("The client does not exist")
    for change in changes:
        if change["status"] is (change["client_id"] not in enabled):
            (enabled.append if change["status"] else enabled.remove)(change["client_id"])
    return Response(status_code=204)


ROUTES = [
    Route("/connections/{id}/clients", list_enabled_clients, methods=["GET"]),
    Route("/connections/{id}/clients", update_enabled_clients, methods=["PATCH"]),
]
