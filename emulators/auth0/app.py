"""The whole tenant as one application: login, token endpoint and Management API."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from emulators.auth0.authentication import posted_form
from emulators.auth0.errors import ManagementError, NotEmulated, OAuthError
from emulators.auth0.login import authorize, callback, discovery, pages, token
from emulators.auth0.login.failures import LoginPageError
from emulators.auth0.management import clients, connections, enabled_clients, logs, tenants, tokens, users
from emulators.auth0.state import State, Tenant
from emulators.kit.recording import Recorded

GRANTS = {
    "authorization_code": token.authorization_code,
    "client_credentials": tokens.client_credentials,
    "refresh_token": token.refresh_token,
}
"""How each grant type is answered."""


def create_app(tenant: Tenant) -> ASGIApp:
    """Return the tenant as an ASGI application, whose every exchange is kept in ``tenant.exchanges``."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[State]:
        yield {"tenant": tenant}

    parts = (connections, enabled_clients, clients, tenants, users, logs)
    management = [route for part in parts for route in part.ROUTES]
    login = [route for part in (authorize, callback, discovery, pages) for route in part.ROUTES]
    routes = [
        *login,
        Route("/oauth/token", issue_token, methods=["POST"]),
        Mount("/api/v2", routes=management),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={
            LoginPageError: pages.error_page,
            ManagementError: _refused,
            OAuthError: _refused,
            HTTPException: _not_emulated,
        },
    )
    app.router.redirect_slashes = False
    return Recorded(app, tenant.exchanges.append)


async def issue_token(request: Request[State]) -> Response:
    """Answer a token request of any grant (RFC 6749, section 4)."""
    form = await posted_form(request)
    grant = GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        raise OAuthError(403, "unsupported_grant_type", f"Unsupported grant type: {form.get('grant_type', '')}")
    return grant(request, form)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ManagementError | OAuthError)  # noqa: S101  # Starlette hands over what was registered for it
    return error.answer()


async def _not_emulated(request: Request, _error: Exception) -> Response:
    return NotEmulated(f"The emulated Auth0 does not know {request.method} {request.url.path}").answer()
