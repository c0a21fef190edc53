"""All that TikTok serves for a sign-in, on one origin."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .authorize import AUTHORIZE_PATH, ERROR_PATH, authorize
from .avatars import show_avatar
from .consent import show_error, show_index
from .controls import VERBS, act, tell_received
from .faults import Breaking
from .pages import FOLDER
from .script import Endpoint
from .state import TikTok
from .tokens import issue_token, revoke_token
from .user_info import tell_user_info

Answering = Callable[[TikTok, Request], Awaitable[Response]]

_ENDPOINTS: dict[str, tuple[Endpoint, Answering, list[str]]] = {
    AUTHORIZE_PATH: ("authorize", authorize, ["GET", "POST"]),
    "/v2/oauth/token/": ("token", issue_token, ["POST"]),
    "/v2/oauth/revoke/": ("revoke", revoke_token, ["POST"]),
    "/v2/user/info/": ("user_info", tell_user_info, ["GET"]),
}
_FILES = ("style.css", "icon.svg")
_MOST_BYTES = 64 * 1024


def create_app(tiktok: TikTok, *, controls: bool = False) -> Starlette:
    """Serve ``tiktok``; with ``controls``, whoever can reach the origin can script it."""
    app = Starlette(
        routes=[*_tiktok_routes(tiktok), *_emulator_routes(tiktok), *(_control_routes(tiktok) if controls else [])],
        middleware=[Middleware(_AnyPath, tiktok=tiktok)],
        exception_handlers={404: _unsupported, 405: _unsupported},
    )
    app.router.redirect_slashes = False
    return app


def _tiktok_routes(tiktok: TikTok) -> list[Route]:
    return [
        Route(
            path,
            partial(answering, tiktok),
            methods=methods,
            middleware=[Middleware(Breaking, tiktok=tiktok, endpoint=endpoint)],
            max_body_size=_MOST_BYTES,
        )
        for path, (endpoint, answering, methods) in _ENDPOINTS.items()
    ]


def _emulator_routes(tiktok: TikTok) -> list[Route]:
    return [
        Route("/", partial(show_index, tiktok)),
        Route(ERROR_PATH, show_error),
        Route("/avatar/{size}/{name}.svg", partial(show_avatar, tiktok)),
        *(Route(f"/emulator/{name}", partial(_file, name)) for name in _FILES),
    ]


def _control_routes(tiktok: TikTok) -> list[Route]:
    verbs = [
        Route(f"/emulator/{verb}", partial(act, tiktok, verb), methods=["POST"], max_body_size=_MOST_BYTES)
        for verb in VERBS
    ]
    return [*verbs, Route("/emulator/received", partial(tell_received, tiktok))]


async def _file(name: str, _request: Request) -> Response:
    return FileResponse(FOLDER / name, headers={"x-content-type-options": "nosniff"})


async def _unsupported(_request: Request, _refused: Exception) -> Response:
    """Answer a path or a method that there is not, in the words of TikTok's gateway."""
    return PlainTextResponse("Unsupported path(Janus)", 404)


class _AnyPath:
    """Adds a missing trailing slash, where the rule about exact paths is off."""

    def __init__(self, app: ASGIApp, tiktok: TikTok) -> None:
        self._app = app
        self._tiktok = tiktok

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._tiktok.rules.exact_paths and f"{scope.get('path')}/" in _ENDPOINTS:
            scope = {**scope, "path": f"{scope['path']}/"}
        await self._app(scope, receive, send)
