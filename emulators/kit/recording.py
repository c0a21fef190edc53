"""Every exchange of an application, kept whole, so that it can be questioned afterwards."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(kw_only=True)
class Exchange:
    """One request and its answer; ``path`` is as it came over the wire, names of headers are in lower case.

    It ``began`` at so many seconds since 1970, and its answer was complete after ``seconds``.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    request_headers: dict[str, str]
    request_body: bytes = b""
    status: int = 0
    response_headers: dict[str, str] = field(default_factory=dict[str, str])
    response_body: bytes = b""
    began: float = 0.0
    seconds: float = 0.0


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def _begun(scope: Scope) -> Exchange:
    return Exchange(
        method=scope["method"],
        path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        query=parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
        request_headers=_headers(scope["headers"]),
        began=time.time(),
    )


class Recorded:
    """An ASGI application that hands each finished exchange to ``keep``; what it answers is left as it is."""

    def __init__(self, app: ASGIApp, keep: Callable[[Exchange], None]) -> None:
        """Record ``app``."""
        self._app = app
        self._keep = keep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of ASGI; anything but HTTP goes through unrecorded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange, start = _begun(scope), time.monotonic()

        async def hear() -> Message:
            message = await receive()
            exchange.request_body += message.get("body", b"")
            return message

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.response_headers = _headers(list(message.get("headers", [])))
            exchange.response_body += message.get("body", b"")
            await send(message)

        try:
            await self._app(scope, hear, tell)
        finally:
            exchange.seconds = time.monotonic() - start
            self._keep(exchange)
