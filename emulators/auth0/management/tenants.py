"""The tenant's own settings and its custom domains, of which it has none."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.auth0.management.authorization import needs
from emulators.auth0.management.paging import allow_query, chosen
from emulators.auth0.management.payloads import payload
from emulators.auth0.state import State


@needs("read:tenant_settings")
async def read_settings(request: Request[State], _held: frozenset[str]) -> Response:
    """Return the settings."""
    allow_query(request, "fields", "include_fields")
    return JSONResponse(chosen(request, request.state["tenant"].settings))


@needs("update:tenant_settings")
async def update_settings(request: Request[State], _held: frozenset[str]) -> Response:
    """Change some of the settings and return them all."""
    settings = request.state["tenant"].settings
    settings.update(await payload(request, "tenant_settings"))
    return JSONResponse(settings)


@needs("read:custom_domains")
async def list_custom_domains(_request: Request[State], _held: frozenset[str]) -> Response:
    """Return no domain: the emulated tenant has only the address that it is served at."""
    return JSONResponse([])


ROUTES = [
    Route("/tenants/settings", read_settings, methods=["GET"]),
    Route("/tenants/settings", update_settings, methods=["PATCH"]),
    Route("/custom-domains", list_custom_domains, methods=["GET"]),
]
