"""A tenant as one application: login, token endpoint and Management API."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp

from emulators.auth0 import token_endpoint
from emulators.auth0.errors import LoginPageError, ManagementError, NotEmulatedError, OAuthError
from emulators.auth0.login import authorize, callback, confirmation, discovery, logout, pages
from emulators.auth0.login.cors import ApplicationCors
from emulators.auth0.management import clients, connections, tenant_data
from emulators.auth0.rate_limit import LimitedLogin
from emulators.auth0.state import State, Tenant
from emulators.kit.recording import Recorded


def create_app(tenant: Tenant) -> ASGIApp:
    """Return the tenant as an ASGI application; ``tenant.received`` keeps each request with its answer."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[State]:
        yield {"tenant": tenant}

    login = [route for part in (authorize, callback, confirmation, discovery, logout, pages) for route in part.ROUTES]
    management = [route for part in (clients, connections, tenant_data) for route in part.ROUTES]
    app = Starlette(
        routes=[*login, *token_endpoint.ROUTES, Mount("/api/v2", routes=management)],
        lifespan=lifespan,
        middleware=[Middleware(ApplicationCors, tenant=tenant), Middleware(LimitedLogin, limits=tenant.rate_limits)],
        exception_handlers={
            LoginPageError: pages.error_page,
            ManagementError: _error_response,
            OAuthError: _error_response,
            HTTPException: _not_emulated,
        },
    )
    app.router.redirect_slashes = False
    return Recorded(app, tenant.received.append)


async def _error_response(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ManagementError | OAuthError)  # noqa: S101  # the types that are registered for it
    return error.response()


async def _not_emulated(request: Request, _error: Exception) -> Response:
    return NotEmulatedError(f"{request.method} {request.url.path}").response()
