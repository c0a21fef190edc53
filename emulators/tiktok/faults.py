"""Faults of the line and of the server, acted out in place of an endpoint."""

import asyncio

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .script import Breakage, Endpoint, Fault
from .state import TikTok

_OVERSIZE_BYTES = 1 << 20
_PLAIN: dict[Fault, tuple[int, str, dict[str, str]]] = {
    "html": (502, "<html><body><h1>502 Bad Gateway</h1></body></html>", {"content-type": "text/html"}),
    "rate_limit": (429, "Too Many Requests", {"retry-after": "60"}),
    "internal_error": (500, "Internal Server Error", {}),
    "redirect": (302, "", {"location": "/elsewhere"}),
    "not_found": (404, "Unsupported path(Janus)", {}),
}
_HALF = b'{"access_token":"act.half'


class Breaking:
    """An endpoint that breaks where the script says so, and is left alone otherwise."""

    def __init__(self, app: ASGIApp, tiktok: TikTok, endpoint: Endpoint) -> None:
        """Stand before ``app``."""
        self._app = app
        self._tiktok = tiktok
        self._endpoint: Endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        breakage = self._tiktok.script.take(self._endpoint, Breakage)
        if breakage is None:
            await self._app(scope, receive, send)
        elif breakage.fault == "slow":
            await asyncio.sleep(breakage.seconds)
            await self._app(scope, receive, send)
        elif breakage.fault == "silent":
            await _wait_for_hanging_up(receive)
        elif breakage.fault == "cut":
            await _send_half(send)
        else:
            await _broken(breakage.fault)(scope, receive, send)


async def _wait_for_hanging_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_half(send: Send) -> None:
    """Announce more bytes than are sent; the server then ends the connection."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"500")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _HALF, "more_body": True})


def _broken(fault: Fault) -> Response:
    if fault == "truncated":
        return Response(_HALF, media_type="application/json")
    if fault == "oversize":
        return JSONResponse({"access_token": "a" * _OVERSIZE_BYTES})
    status, body, headers = _PLAIN[fault]
    return Response(body, status, headers)
