"""All endpoints of TikTok's sign-in, on one origin."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from .authorize import AUTHORIZE_PATH, ERROR_PATH, authorize, authorize_v1
from .controls import VERBS, call_verb, list_received
from .faults import Endpoint, FaultMiddleware
from .oauth import issue_token, revoke_token
from .pages import TEMPLATES, show_avatar, show_error, show_index
from .state import TikTok
from .user_info import get_user_info

Handler = Callable[[TikTok, Request], Awaitable[Response]]

_USER_INFO_PATH = "/v2/user/info/"
_ENDPOINTS: dict[str, tuple[Endpoint, Handler, list[str]]] = {
    AUTHORIZE_PATH: ("authorize", authorize, ["GET", "POST"]),
    "/v2/oauth/token/": ("token", issue_token, ["POST"]),
    "/v2/oauth/revoke/": ("revoke", revoke_token, ["POST"]),
    _USER_INFO_PATH: ("user_info", get_user_info, ["GET"]),
}
_V1_AUTHORIZE = ("/auth/authorize/", "/platform/oauth/connect/")
# Documented, and not emulated: the other APIs of version 2, and the servers' side of version 1.
_NOT_EMULATED = ("/v2/video/", "/v2/post/", "/v2/research/", "/v2/user/data/", "/oauth/", "/user/info/")
_FILES = ("style.css", "icon.svg")
_MAX_BODY_BYTES = 64 * 1024


def create_app(tiktok: TikTok, *, controls: bool = False) -> Starlette:
    """Serve ``tiktok``; with ``controls``, everyone who can reach the origin can script it."""
    app = Starlette(
        routes=[*_tiktok_routes(tiktok), *_emulator_routes(tiktok), *(_control_routes(tiktok) if controls else [])],
        exception_handlers={404: _refuse_path, 405: _refuse_path},
    )
    app.router.redirect_slashes = False
    return app


def _tiktok_routes(tiktok: TikTok) -> list[Route]:
    endpoints = [
        Route(
            path,
            partial(handler, tiktok),
            methods=methods,
            middleware=[Middleware(FaultMiddleware, queue=tiktok.faults, endpoint=endpoint)],
            max_body_size=_MAX_BODY_BYTES,
        )
        for path, (endpoint, handler, methods) in _ENDPOINTS.items()
    ]
    return [
        *endpoints,
        Route(AUTHORIZE_PATH.rstrip("/"), partial(_authorize_without_slash, tiktok)),
        Route(_USER_INFO_PATH.rstrip("/"), partial(_user_info_without_slash, tiktok)),
        *(Route(path, partial(authorize_v1, tiktok)) for path in _V1_AUTHORIZE),
        *(Route(f"{path}{{rest:path}}", _answer_not_emulated, methods=["GET", "POST"]) for path in _NOT_EMULATED),
    ]


def _emulator_routes(tiktok: TikTok) -> list[Route]:
    return [
        Route("/", partial(show_index, tiktok)),
        Route(ERROR_PATH, partial(show_error, tiktok)),
        Route("/avatar/{size}/{name}.svg", partial(show_avatar, tiktok)),
        *(Route(f"/emulator/{name}", partial(_file, name)) for name in _FILES),
    ]


def _control_routes(tiktok: TikTok) -> list[Route]:
    verbs = [
        Route(f"/emulator/{verb}", partial(call_verb, tiktok, verb), methods=["POST"], max_body_size=_MAX_BODY_BYTES)
        for verb in VERBS
    ]
    return [*verbs, Route("/emulator/received", partial(list_received, tiktok))]


async def _file(name: str, _request: Request) -> Response:
    return FileResponse(TEMPLATES / name, headers={"x-content-type-options": "nosniff"})


async def _authorize_without_slash(tiktok: TikTok, request: Request) -> Response:
    if tiktok.assumptions.unslashed_authorize == "refuse":
        return await _refuse_path(request, None)
    return RedirectResponse(f"{AUTHORIZE_PATH}?{request.url.query}", 301)


async def _user_info_without_slash(tiktok: TikTok, request: Request) -> Response:
    if tiktok.assumptions.unslashed_user_info == "refuse":
        return await _refuse_path(request, None)
    return await get_user_info(tiktok, request)


async def _refuse_path(_request: Request, _error: Exception | None) -> Response:
    """Answer an unknown path or method like TikTok's gateway."""
    return PlainTextResponse("Unsupported path(Janus)", 404)


async def _answer_not_emulated(request: Request) -> Response:
    message = f"TikTok documents {request.url.path}, but this emulator does not serve it."
    return JSONResponse({"error": {"code": "not_emulated", "message": message}}, 501)
