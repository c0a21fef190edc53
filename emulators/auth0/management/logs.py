"""The tenant's log: https://auth0.com/docs/api/management/v2/logs."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.auth0.errors import InvalidQuery, NoSuchLog
from emulators.auth0.management.authorization import needs
from emulators.auth0.management.paging import allow_query, by_offset, chosen, number
from emulators.auth0.state import State

_QUERY = ("page", "per_page", "include_totals", "fields", "include_fields", "sort", "from", "take")
_ORDERS = {"date:1": False, "date:-1": True}


@needs("read:logs", "read:logs_users")
async def list_logs(request: Request[State], _held: frozenset[str]) -> Response:
    """List events: the newest first by offset, or what followed the event that ``from`` names."""
    allow_query(request, *_QUERY)
    log = request.state["tenant"].log
    if "from" in request.query_params:
        take = number(request, "take", 50, 100)
        following = [event for event in log if event["log_id"] > request.query_params["from"]]
        return JSONResponse(following[:take])
    order = request.query_params.get("sort", "date:-1")
    if order not in _ORDERS:
        raise InvalidQuery(f"Query validation error: 'The emulator sorts by date only, not by {order}'.")
    ordered = list(reversed(log)) if _ORDERS[order] else log
    return by_offset(request, "logs", [chosen(request, event) for event in ordered])


@needs("read:logs", "read:logs_users")
async def read_log(request: Request[State], _held: frozenset[str]) -> Response:
    """Return one event."""
    for event in request.state["tenant"].log:
        if event["log_id"] == request.path_params["id"]:
            return JSONResponse(event)
    raise NoSuchLog("The log event does not exist")


ROUTES = [
    Route("/logs", list_logs, methods=["GET"]),
    Route("/logs/{id}", read_log, methods=["GET"]),
]
