"""What stands before the routes: requests that servers read differently, and bodies that are too large or too slow.

uvicorn with httptools hands over a POST with an ``Upgrade`` header without its body, and reads the body as a second
request. Every request is therefore either refused, and its connection closed, or read to its end before anybody answers
it: two answers to one request cannot happen.
"""

import asyncio
from collections.abc import Awaitable
from itertools import chain
from typing import cast

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy_app.errors import BodyTooLarge, UnsafeRequest

_MAX_HEADERS = 64
_MAX_HEADER_BYTES = 16 * 1024
_MAX_BODY_BYTES = 8 * 1024
# A body somewhat too large is read and thrown away, because a client that is still sending may miss the answer.
_MAX_DISCARDED_BYTES = 1024 * 1024


class Guard:
    """An ASGI application that lets through what can be read in one way only, with its body complete."""

    def __init__(self, app: ASGIApp, body_seconds: float = 5) -> None:
        """Guard ``app``; a body may take ``body_seconds``."""
        self._app = app
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; raises ``UnsafeRequest`` or ``BodyTooLarge``, which close the connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _require_plain_http(scope)
        body = await _in_time(_whole_body(receive), self._body_seconds)
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_at_once() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, receive_at_once, send)


def _require_plain_http(scope: Scope) -> None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    names = [name for name, _ in headers]
    if scope["method"] == "CONNECT" or scope["http_version"] not in {"1.0", "1.1"} or b"upgrade" in names:
        raise UnsafeRequest("The request asks for another protocol.")
    if names.count(b"host") != 1 or (b"host", b"") in headers:
        raise UnsafeRequest("The request does not name one Host.")
    if names.count(b"content-length") + names.count(b"transfer-encoding") > 1 or _is_coded(headers):
        raise UnsafeRequest("The request does not say in one way how long its body is.")
    if len(names) > _MAX_HEADERS or sum(map(len, chain.from_iterable(headers))) + 4 * len(names) > _MAX_HEADER_BYTES:
        raise UnsafeRequest("The request has more than 64 headers, or more than 16 KiB of them.")


def _is_coded(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether the body comes in a coding other than chunks."""
    return any(name == b"transfer-encoding" and value.lower() != b"chunked" for name, value in headers)


async def _in_time(body: Awaitable[bytes], seconds: float) -> bytes:
    """Do what ``asyncio.timeout`` does, which took a twentieth of a request's time."""
    task, late = cast("asyncio.Task[None]", asyncio.current_task()), False

    def stop() -> None:
        nonlocal late
        late = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(seconds, stop)
    try:
        return await body
    except asyncio.CancelledError:
        if late and not task.uncancel():
            raise UnsafeRequest("The body did not arrive in time.") from None
        raise
    finally:
        timer.cancel()


async def _whole_body(receive: Receive) -> bytes:
    kept, size, more = bytearray(), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise UnsafeRequest("The client went away before its body was complete.")
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= _MAX_BODY_BYTES:
            kept += chunk
        more = message.get("more_body", False) and size <= _MAX_DISCARDED_BYTES
    if size > _MAX_BODY_BYTES:
        raise BodyTooLarge
    return bytes(kept)


async def body_of(request: Request) -> bytes:
    """Return the body of a request that came through the guard, which hands it over in one piece."""
    return (await request.receive())["body"]
