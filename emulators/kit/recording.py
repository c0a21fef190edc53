"""Record every request that an application receives, with its answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(kw_only=True)
class Exchange:
    """One request and its answer.

    ``path`` is as sent, header names are in lower case. ``began`` is in seconds since 1970; the answer was complete
    after ``seconds``.
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


def _start_exchange(scope: Scope) -> Exchange:
    return Exchange(
        method=scope["method"],
        path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        query=parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
        request_headers=_headers(scope["headers"]),
        began=time.time(),
    )


class Recorded:
    """ASGI middleware that passes each finished exchange to ``keep`` and changes nothing."""

    def __init__(self, app: ASGIApp, keep: Callable[[Exchange], None]) -> None:
        self._app = app
        self._keep = keep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange, start = _start_exchange(scope), time.monotonic()

        async def receive_and_record() -> Message:
            message = await receive()
            exchange.request_body += message.get("body", b"")
            return message

        async def send_and_record(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.response_headers = _headers(list(message.get("headers", [])))
            exchange.response_body += message.get("body", b"")
            await send(message)

        try:
            await self._app(scope, receive_and_record, send_and_record)
        finally:
            exchange.seconds = time.monotonic() - start
            self._keep(exchange)
