"""The server's side of HTTP/1.1: one request at a time, each within limits of size and time.

uvicorn's httptools protocol does not limit heads, trailers and pipelined requests
(https://github.com/Kludex/uvicorn/issues/157), has no time limit for a request that has begun, loses the body of a
request with ``Upgrade`` (https://github.com/Kludex/uvicorn/issues/2722), and answers errors in plain text.
"""

import asyncio
import logging
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import ClassVar, Literal, cast

from starlette.types import ASGIApp, Message
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from proxy_app.errors import ClientDisconnectedError, Failure, ProxyError
from proxy_app.http_request import RequestReader

_PIPELINED_BYTES = 16 * 1024
_DISCARDED_BYTES = 1024 * 1024
_STATUS_LINES = {status: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_LOGGER = logging.getLogger("uvicorn.error")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many seconds the server waits for each part, and how many connections it keeps."""

    head_seconds: float = 10
    body_seconds: float = 5
    stopping_body_seconds: float = 0.5
    unread_seconds: float = 10
    linger_seconds: float = 2
    connections: int = 1000


# What a connection does; nothing more is read once a request is refused. Every stage has a time limit, except those
# that wait for the application.
Stage = Literal["waiting", "head", "body", "answering", "refused", "closing"]


class BoundedHttpProtocol(asyncio.Protocol):
    """One connection, as uvicorn's server expects it.

    The application runs once a request is complete, and the next request is read once the application is done, so no
    request is answered twice, and no two get one answer. A refused request reaches the application with
    ``state["refusal"]``, so that every answer and every log record is made in one place. An answer may not be streamed,
    and needs a Content-Length.
    """

    limits: ClassVar = Limits()
    transport: asyncio.Transport
    flow: FlowControl

    def __init__(self, config: Config, server_state: ServerState, **_: object) -> None:
        self.stage: Stage = "waiting"
        self.has_answered = self._is_overloaded = False
        self.waiting_since = monotonic()  # finer than the loop's time, so that no two connections have the same
        self._app = cast("ASGIApp", config.loaded_app)  # pyright: ignore[reportUnknownMemberType]  # uvicorn leaves it open
        self._loop = asyncio.get_running_loop()
        self._idle_seconds = config.timeout_keep_alive
        self._server = server_state
        self._connections = cast("set[BoundedHttpProtocol]", server_state.connections)
        self._reader = RequestReader()
        self._unread = b""  # what follows the current request
        self._ends = False  # with the current answer
        self._answer_head: list[bytes] = []
        self._is_answered = False
        self._discarded = 0
        self._timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.flow = FlowControl(self.transport)
        self._connections.add(self)
        if len(self._connections) > self.limits.connections:
            self._make_room()

    def _make_room(self) -> None:
        """Close the connection that has waited longest for a request, preferably one that never completed any."""
        waiting = [peer for peer in self._connections - {self} if peer.stage != "answering"]
        self._is_overloaded = not waiting
        if waiting:
            min(waiting, key=lambda peer: (peer.has_answered, peer.waiting_since)).transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.stage == "refused":
            self._discard(data)
            return
        self._unread += data
        if self.stage not in {"answering", "closing"}:
            self._read()
        if self._ends or len(self._unread) > _PIPELINED_BYTES:
            self._ends, self._unread = True, b""

    def _discard(self, data: bytes) -> None:
        """Drop what a refused client still sends.

        Closing a socket with unread bytes resets the connection, and the client may lose the answer (RFC 9112 9.6).
        """
        self._discarded += len(data)
        if self._discarded > _DISCARDED_BYTES:
            self.transport.abort()

    def _read(self) -> None:
        data, self._unread = self._unread, b""
        reader = self._reader
        try:
            self._unread = reader.feed(data)
        except ProxyError as error:
            self._refuse(error)
            return
        if self._is_overloaded and reader.method:
            self._refuse(ProxyError(Failure.Overloaded))
        elif reader.is_complete:
            self._enter("answering")
            self._answer()
        elif reader.in_body:
            self._enter("body", self.limits.body_seconds)
            if reader.expects_continue:
                reader.expects_continue = False
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        elif reader.is_begun:
            self._enter("head", self.limits.head_seconds)

    def _enter(self, stage: Stage, seconds: float | None = None) -> None:
        """Go to a stage; its time limit begins if the connection was in another one."""
        if stage != self.stage:
            self.stage = stage
            self._limit(seconds)

    def _limit(self, seconds: float | None) -> None:
        """Let the stage last for so many seconds from now on, or for as long as it takes."""
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._time_out) if seconds else None

    def _time_out(self) -> None:
        if self.stage in {"head", "body"}:
            self._refuse(ProxyError(Failure.Stopping if self._ends else Failure.TooSlow))
        else:
            self.transport.abort()

    def _refuse(self, error: ProxyError) -> None:
        """Answer the current request with ``error``, and read nothing more from this connection."""
        self._ends = True
        self._enter("refused", self.limits.linger_seconds)
        self._answer(error)

    def _answer(self, refusal: ProxyError | None = None) -> None:
        self._ends = self._ends or not self._reader.keeps_alive
        self._is_answered = False
        # With a name: the loop's create_task would make one up.
        task = asyncio.Task(self._run(refusal), loop=self._loop, name="request")
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)

    async def _run(self, refusal: ProxyError | None) -> None:
        try:
            await self._app(self._reader.scope() | {"state": {"refusal": refusal}}, self._receive, self._send)
        except Exception:  # nobody awaits this task
            _LOGGER.exception("The application failed.")
        finally:
            self._finish()

    async def _receive(self) -> Message:
        return {"type": "http.request", "body": self._reader.body, "more_body": False}

    async def _send(self, message: Message) -> None:
        """Take the answer in two parts, and write both at once: each write is a system call.

        Raises ``ClientDisconnectedError`` once the client is gone, as ASGI 2.4 defines it.
        """
        if self.flow.write_paused:
            await self.flow.drain()
        if self.transport.is_closing():
            raise ClientDisconnectedError
        if message["type"] == "http.response.start":
            self._answer_head = [_STATUS_LINES[message["status"]]]
            for name, value in (*self._server.default_headers, *message["headers"]):
                self._answer_head += (name, b": ", value, b"\r\n")
            return
        self._answer_head.append(b"connection: close\r\n\r\n" if self._ends else b"\r\n")
        if self._reader.method != "HEAD":
            self._answer_head.append(message["body"])
        self.transport.write(b"".join(self._answer_head))
        self._is_answered = True

    def _finish(self) -> None:
        """Take the next request, or close the connection."""
        if not self._is_answered:
            self.transport.abort()
        elif self.stage == "refused" and not self.transport.is_closing():
            self.transport.write_eof()
        elif self._ends or self.transport.is_closing():
            self.transport.close()
            self._enter("closing", self.limits.unread_seconds)
        else:
            self.has_answered, self.waiting_since = True, monotonic()
            self._enter("waiting", self._idle_seconds)
            if self._unread:
                self._read()

    def shutdown(self) -> None:
        """Close what is idle; the rest of a body may still come, as long as the time to stop allows."""
        self._ends = True
        if self.stage in {"waiting", "head"}:
            self.transport.close()
        elif self.stage == "body":
            self._limit(self.limits.stopping_body_seconds)

    def pause_writing(self) -> None:
        self.flow.pause_writing()
        self._unread_timer = self._loop.call_later(self.limits.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self.flow.resume_writing()
        if self._unread_timer:
            self._unread_timer.cancel()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's
        if self.stage == "body":
            self._refuse(ProxyError(Failure.UnsafeRequest, "The client went away before its body was complete."))
        self._connections.discard(self)
        self._limit(None)
        self.resume_writing()
