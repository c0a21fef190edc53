"""The pages of Auth0 itself: a choice of connections, and its error page."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from emulators.auth0.errors import LoginPageError

_HERE = Path(__file__).parent
_TEMPLATES = Jinja2Templates(directory=_HERE / "templates")
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src https: http:; base-uri 'none'",
}
ROUTES: list[BaseRoute] = [Mount("/login/static", StaticFiles(directory=_HERE / "static"), name="static")]


def page(request: Request[Any], template: str, shown: dict[str, Any], status: int = 200) -> Response:
    shown = {**shown, "home_url": request.state["tenant"].home_url}
    return _TEMPLATES.TemplateResponse(request, template, shown, status_code=status, headers=_HEADERS)


def bare_page(template: str, shown: dict[str, Any]) -> Response:
    """Return a page without text that submits itself to the application."""
    headers = {"cache-control": "no-cache, no-store", "pragma": "no-cache"}
    return HTMLResponse(_TEMPLATES.get_template(template).render(shown), headers=headers)


async def error_page(request: Request, error: Exception) -> Response:
    code = error.error if isinstance(error, LoginPageError) else "server_error"
    return page(request, "error.html", {"error": code, "description": str(error)}, 400)
