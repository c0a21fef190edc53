"""The tenant's settings, custom domains (it has none), users and log.

https://auth0.com/docs/api/management/v2: tenants, custom-domains, users, logs.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.auth0.errors import ManagementError, NotEmulatedError
from emulators.auth0.management.authorization import requires_scope
from emulators.auth0.management.paging import allow_parameters, integer_parameter, offset_page, selected_fields
from emulators.auth0.management.payloads import read_payload
from emulators.auth0.state import Record, State

_PAGING = ("page", "per_page", "include_totals", "fields", "include_fields")
_ORDERS = {"date:1": False, "date:-1": True}


@requires_scope("read:tenant_settings")
async def read_settings(request: Request[State], _scopes: frozenset[str]) -> Response:
    allow_parameters(request, "fields", "include_fields")
    return JSONResponse(selected_fields(request, request.state["tenant"].settings))


@requires_scope("update:tenant_settings")
async def update_settings(request: Request[State], _scopes: frozenset[str]) -> Response:
    settings = request.state["tenant"].settings
    settings.update(await read_payload(request, "tenant_settings"))
    return JSONResponse(settings)


@requires_scope("read:custom_domains")
async def list_custom_domains(_request: Request[State], _scopes: frozenset[str]) -> Response:
    return JSONResponse([])


def _visible(user: Record, scopes: frozenset[str]) -> Record:
    """Return the user; the provider's tokens need read:user_idp_tokens."""
    hidden = frozenset[str]() if "read:user_idp_tokens" in scopes else frozenset({"access_token"})
    identities = [
        {name: value for name, value in identity.items() if name not in hidden} for identity in user["identities"]
    ]
    return {**user, "identities": identities}


@requires_scope("read:users")
async def list_users(request: Request[State], scopes: frozenset[str]) -> Response:
    unknown = ("sort", "connection", "q", "search_engine", "primary_order")
    allow_parameters(request, *_PAGING, not_emulated=unknown)
    users = request.state["tenant"].users.values()
    return offset_page(request, "users", [selected_fields(request, _visible(user, scopes)) for user in users])


@requires_scope("read:users")
async def read_user(request: Request[State], scopes: frozenset[str]) -> Response:
    allow_parameters(request, "fields", "include_fields")
    user = request.state["tenant"].users.get(request.path_params["id"])
    if user is None:
        raise ManagementError("inexistent_user", "The user does not exist.")
    return JSONResponse(selected_fields(request, _visible(user, scopes)))


@requires_scope("read:logs", "read:logs_users")
async def list_logs(request: Request[State], _scopes: frozenset[str]) -> Response:
    """List events: the newest first by offset, or those after the event that ``from`` names."""
    allow_parameters(request, *_PAGING, "sort", "from", "take", not_emulated=("q", "search"))
    log = request.state["tenant"].log
    if "from" in request.query_params:
        take = integer_parameter(request, "take", 50, 100)
        later = [event for event in log if event["log_id"] > request.query_params["from"]]
        return JSONResponse(later[:take])
    order = request.query_params.get("sort", "date:-1")
    if order not in _ORDERS:
        raise NotEmulatedError(f"the order {order} of GET /api/v2/logs")
    ordered = list(reversed(log)) if _ORDERS[order] else log
    return offset_page(request, "logs", [selected_fields(request, event) for event in ordered])


@requires_scope("read:logs", "read:logs_users")
async def read_log(request: Request[State], _scopes: frozenset[str]) -> Response:
    for event in request.state["tenant"].log:
        if event["log_id"] == request.path_params["id"]:
            return JSONResponse(event)
    raise ManagementError("inexistent_log", "The log event does not exist")


ROUTES = [
    Route("/tenants/settings", read_settings, methods=["GET"]),
    Route("/tenants/settings", update_settings, methods=["PATCH"]),
    Route("/custom-domains", list_custom_domains, methods=["GET"]),
    Route("/users", list_users, methods=["GET"]),
    Route("/users/{id}", read_user, methods=["GET"]),
    Route("/logs", list_logs, methods=["GET"]),
    Route("/logs/{id}", read_log, methods=["GET"]),
]
