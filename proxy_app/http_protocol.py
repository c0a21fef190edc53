"""The server's side of HTTP/1.1: every message is bounded before it is parsed, and one is handled at a time.

uvicorn's httptools protocol does not limit heads, trailers and pipelined requests
(https://github.com/Kludex/uvicorn/issues/157), has no time limit for a request that has begun, loses the body of a
request with ``Upgrade`` (https://github.com/Kludex/uvicorn/issues/2722), and answers errors in plain text. Here:

- A head is collected up to its limits, and only then parsed.
- The parser never gets a byte from behind the end of the current message. What a client pipelines is kept, up to a
  limit, until the current request is answered. So no request is answered twice, and no two get one answer.
- The application runs once the body is complete. A request that is refused before reaches it with
  ``state["refusal"]``, so that every answer and every log record is made in one place.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any, ClassVar, cast

import httptools
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from proxy_app import errors
from proxy_app.errors import ClientDisconnectedError, ProxyError
from proxy_app.http_head import BODY_BYTES, HEAD_BYTES, HEAD_END, HEADERS, body_length, find_refusal, without_upgrade

_CHUNKED_BYTES = 64 * 1024  # a body in chunks, with their sizes and the trailers
_PIPELINED_BYTES = 16 * 1024
# A client that is refused may still be sending. Closing a socket with unread bytes resets the connection, and the
# client may lose the answer (RFC 9112 9.6). So a refused connection is read, and its bytes dropped, for a while.
_DISCARDED_BYTES = 1024 * 1024
_LINGER_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many seconds the server waits for each part, and how many connections it keeps."""

    head_seconds: float = 10
    body_seconds: float = 5
    stopping_body_seconds: float = 0.5
    unread_seconds: float = 10
    connections: int = 1000


class Stage(Enum):
    """What a connection does; once a request is refused, nothing more is read."""

    HEAD = auto()  # before a request, or in its head
    BODY = auto()
    ANSWERING = auto()
    REFUSED = auto()


class _LingeringTransport:
    """What the answer to a refused request is written to: it is closed by ``close``."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = close


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits."""

    limits: ClassVar = Limits()
    parser: httptools.HttpRequestParser

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # what uvicorn passes
        super().__init__(*args, **options)
        self.stage = Stage.HEAD
        self.has_answered = self._is_overloaded = False
        self.waiting_since = self.loop.time()
        self._head, self._pipelined = bytearray(), bytearray()
        self._refusal: ProxyError | None = None
        self._body_length: int | None = 0  # None for a body in chunks
        self._body_size = self._received = self._discarded = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timed: Stage | None = None  # the stage that the timer limits
        self._unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def _make_room(self) -> None:
        """Close the connection that has waited longest for a request, preferably one that never completed any."""
        peers = cast("set[BoundedHttpProtocol]", self.connections) - {self}
        waiting = [peer for peer in peers if peer.stage is not Stage.ANSWERING]
        self._is_overloaded = not waiting
        if waiting:
            min(waiting, key=lambda peer: (peer.has_answered, peer.waiting_since)).transport.abort()

    def data_received(self, data: bytes) -> None:
        match self.stage:
            case Stage.HEAD if not self._head and not data.strip(b"\r\n"):
                pass  # empty lines before a request (RFC 9112 2.2)
            case Stage.HEAD | Stage.BODY:
                self._unset_keepalive_if_required()
                self._read(data)
            case Stage.ANSWERING:
                self._keep(data)
            case Stage.REFUSED:
                self._discard(data)

    def _read(self, data: bytes) -> None:
        while data and self.stage in {Stage.HEAD, Stage.BODY}:
            data = self._read_head(data) if self.stage is Stage.HEAD else self._read_body(data)
        if data:
            self.data_received(data)
        self._limit_time()

    def _read_head(self, data: bytes) -> bytes:
        """Collect a head, parse it once it is complete, and return what follows it."""
        searched = max(len(self._head) - 2, 0)
        self._head += data if self._head else data.lstrip(b"\r\n")
        end = HEAD_END.search(self._head, searched)
        size = end.end() if end else len(self._head)
        if not self._head[:1].isupper():  # every method begins so, and TLS does not
            self._refuse(ProxyError(errors.MALFORMED_HTTP))
        elif size > HEAD_BYTES or self._head.count(b"\n", 0, size) > HEADERS + 2:
            self._refuse(ProxyError(errors.HEAD_TOO_LARGE))
        elif end:
            head, rest = bytes(self._head[:size]), bytes(self._head[size:])
            self._head.clear()
            self._parse(without_upgrade(head))
            if self.stage is Stage.HEAD:
                self._refuse(ProxyError(errors.MALFORMED_HTTP))
            return rest
        return b""

    def _read_body(self, data: bytes) -> bytes:
        """Parse the next part of a body, and return what follows the body."""
        start = 0
        while start < len(data) and self.stage is Stage.BODY:
            end = self._end_of_part(data, start)
            self._received += end - start
            if self._body_length is None and self._received > _CHUNKED_BYTES:
                self._refuse(ProxyError(errors.BODY_TOO_LARGE))
            else:
                self._parse(data[start:end])
            start = end
        return data[start:]

    def _end_of_part(self, data: bytes, start: int) -> int:
        """Return a place in ``data`` that is not behind the end of the body.

        A body in chunks ends with two line ends, of which the first may have come before ``data``.
        """
        if self._body_length is not None:
            return min(start + self._body_length - self._received, len(data))
        if start == 0 and b"\n" in data[:3]:
            return data.index(b"\n") + 1
        end = data.find(b"\r\n\r\n", start)
        return len(data) if end < 0 else end + 4

    def _parse(self, part: bytes) -> None:
        try:
            self.parser.feed_data(part)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refusal = self._refusal or ProxyError(errors.MALFORMED_HTTP)
        if self._refusal:
            self._refuse(self._refusal)

    def _keep(self, data: bytes) -> None:
        """Keep what follows the current request; too much of it ends the connection with the current answer."""
        if len(self._pipelined) + len(data) > _PIPELINED_BYTES:
            self.cycle.keep_alive = False
        if self.cycle.keep_alive:
            self._pipelined += data

    def _discard(self, data: bytes) -> None:
        self._discarded += len(data)
        if self._discarded > _DISCARDED_BYTES:
            self.transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.stage is Stage.HEAD:  # later ones are trailers, which are dropped (RFC 9110 6.5.1)
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.stage, self._body_size, self._received = Stage.BODY, 0, 0
        self._refusal = find_refusal(
            self.parser.get_method(), self.url, self.parser.get_http_version(), self.headers
        ) or (ProxyError(errors.OVERLOADED) if self._is_overloaded else None)
        if self._refusal:
            return
        self._body_length = body_length(self.headers)
        if self.cycle.waiting_for_100_continue and self.scope["http_version"] == "1.1":
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.cycle.waiting_for_100_continue = False

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > BODY_BYTES:
            self._refusal = ProxyError(errors.BODY_TOO_LARGE)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if not self._refusal:
            self.stage = Stage.ANSWERING
            super()._start_asgi_task(self.cycle, self._answer)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Do nothing: uvicorn starts the application with the head; here it starts with the whole body."""

    async def _answer(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Run the application; its ``send`` raises once the client is gone, as ASGI 2.4 defines it."""
        cycle = self.cycle

        async def send_or_raise(message: ASGISendEvent) -> None:
            if self.flow.write_paused:
                await self.flow.drain()
            cycle.disconnected |= self.transport.is_closing()
            if cycle.disconnected:
                raise ClientDisconnectedError
            await send(message)

        app = cast("ASGI3Application", self.app)  # pyright: ignore[reportUnknownMemberType]  # uvicorn leaves it open
        await app(scope, receive, send_or_raise)

    def _refuse(self, error: ProxyError) -> None:
        """Answer the current message with ``error``, and read nothing more from this connection."""
        if self.stage is Stage.HEAD:
            self.on_message_begin()
            self.scope |= {"method": "", "path": "", "raw_path": b"", "query_string": b""}  # type: ignore[typeddict-item]
            self._head.clear()
        self.stage = Stage.REFUSED
        self._stop_timer()
        self.scope.setdefault("state", {})["refusal"] = error
        self.cycle = RequestResponseCycle(
            scope=self.scope,
            transport=cast("asyncio.Transport", _LingeringTransport(self.transport, self._linger)),
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=False,
            on_response=self.on_response_complete,
        )
        super()._start_asgi_task(self.cycle, self._answer)

    def _linger(self) -> None:
        self.transport.write_eof()
        self._timer = self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def on_response_complete(self) -> None:
        if self.stage is Stage.REFUSED:
            return
        super().on_response_complete()
        if self.transport.is_closing():
            self._limit_unread()
            return
        self.stage, self.has_answered, self.waiting_since = Stage.HEAD, True, self.loop.time()
        pipelined = bytes(self._pipelined)
        self._pipelined.clear()
        if pipelined:
            self.data_received(pipelined)

    def shutdown(self) -> None:
        """Close what is idle; the rest of a body may still come, as long as the time to stop allows."""
        super().shutdown()
        if self.stage is Stage.BODY:
            self._start_timer(self.limits.stopping_body_seconds, ProxyError(errors.STOPPING))

    def connection_lost(self, exc: Exception | None) -> None:
        if self.stage is Stage.BODY:
            self._refuse(ProxyError(errors.MALFORMED_HTTP, "The client went away before its body was complete."))
        super().connection_lost(exc)
        self._unset_keepalive_if_required()  # uvicorn leaves it running after a reset
        self._stop_timer()
        self.resume_writing()

    def _limit_time(self) -> None:
        """Start the time limit of a head or a body that has begun, and end that of one that is complete."""
        has_begun = self.stage is Stage.BODY or (self.stage is Stage.HEAD and bool(self._head))
        stage = self.stage if has_begun else None
        if stage is self._timed:
            return
        self._stop_timer()
        if stage:
            seconds = self.limits.head_seconds if stage is Stage.HEAD else self.limits.body_seconds
            self._start_timer(seconds, ProxyError(errors.TOO_SLOW))

    def _start_timer(self, seconds: float, error: ProxyError) -> None:
        self._stop_timer()
        self._timer, self._timed = self.loop.call_later(seconds, partial(self._refuse, error)), self.stage

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._timed = None

    def _limit_unread(self) -> None:
        self._unread_timer = self._unread_timer or self.loop.call_later(
            self.limits.unread_seconds, self.transport.abort
        )

    def pause_writing(self) -> None:
        super().pause_writing()
        self._limit_unread()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread_timer:
            self._unread_timer.cancel()
        self._unread_timer = None

    def timeout_keep_alive_handler(self) -> None:
        self.transport.abort()
