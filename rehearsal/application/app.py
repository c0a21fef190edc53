"""The application: a home page, a sign-in, a callback and a sign-out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from rehearsal.application.oidc import Client, SignInFailedError

_HERE = Path(__file__).parent
_TEMPLATES = Jinja2Templates(directory=_HERE / "templates")
# Pages need no script, and only the avatar comes from elsewhere.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src * data:; form-action *; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {"cache-control": "no-store", "content-security-policy": _POLICY, "referrer-policy": "no-referrer"}


class Inspector(Protocol):
    """An optional part below the application's own page: in a rehearsal, the hops and the toggles."""

    def routes(self) -> Sequence[Route]:
        """Return the routes of its forms and links."""
        ...

    def html(self, request: Request) -> Markup:
        """Return the HTML for the browser that sends ``request``."""
        ...


class Application:
    """The routes of one application. A signed cookie holds the profile of the signed-in person."""

    def __init__(self, client: Client, inspector: Inspector | None) -> None:
        """Sign people in by ``client``."""
        self._client = client
        self._provider = client.provider()
        self._inspector = inspector

    async def home(self, request: Request) -> Response:
        """Show the button, or the profile of the signed-in person."""
        return self._page(request, "home.html", {"profile": request.session.get("profile")})

    async def sign_in(self, request: Request) -> Response:
        """Send the browser to Auth0, which sends it to TikTok."""
        try:
            return await self._provider.send(request, str(request.url_for("callback")))
        except SignInFailedError as failed:
            return self._page(request, "failed.html", {"failed": failed}, status=502)

    async def callback(self, request: Request) -> Response:
        """Sign the person in, or show the provider's error."""
        request.session.pop("profile", None)
        try:
            request.session["profile"] = await self._provider.receive(request)
        except SignInFailedError as failed:
            return self._page(request, "failed.html", {"failed": failed}, status=403)
        return RedirectResponse(request.url_for("home"), status_code=303)

    async def sign_out(self, request: Request) -> Response:
        """End the session here and at Auth0."""
        request.session.clear()
        query = urlencode({"client_id": self._client.client_id, "returnTo": str(request.url_for("home"))})
        return RedirectResponse(f"{self._provider.sign_out_address()}?{query}", status_code=303)

    def _page(self, request: Request, template: str, shown: dict[str, Any], status: int = 200) -> Response:
        shown |= {"inspector": self._inspector.html(request) if self._inspector else ""}
        return _TEMPLATES.TemplateResponse(request, template, shown, status_code=status, headers=_HEADERS)


def create_app(client: Client, session_key: str, inspector: Inspector | None = None) -> Starlette:
    """Build the application; ``session_key`` signs its cookie."""
    application = Application(client, inspector)
    return Starlette(
        routes=[
            Route("/", application.home, name="home"),
            Route("/sign-in", application.sign_in, methods=["POST"], name="sign_in"),
            Route("/callback", application.callback, name="callback"),
            Route("/sign-out", application.sign_out, methods=["POST"], name="sign_out"),
            Mount("/static", StaticFiles(directory=_HERE / "static"), name="static"),
            *(inspector.routes() if inspector else ()),
        ],
        middleware=[Middleware(SessionMiddleware, secret_key=session_key, session_cookie="example_application")],
    )
