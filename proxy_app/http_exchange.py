"""One request, whose body is complete, and the one answer to it."""

import asyncio
import logging
from typing import Protocol

from starlette.types import ASGIApp, Message, Scope
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.server import ServerState

from proxy_app.errors import ClientDisconnectedError

_LOGGER = logging.getLogger("uvicorn.error")


class Connection(Protocol):
    """What an exchange needs of the connection that it belongs to."""

    transport: asyncio.Transport
    flow: FlowControl
    server_state: ServerState

    def finish(self) -> None:
        """Go on after the answer."""
        ...


class Exchange:
    """Runs the application for one request; ``send`` raises once the client is gone, as ASGI 2.4 defines it.

    The answer is written at once when it is complete: each write is a system call. It may not be streamed, and needs a
    Content-Length.
    """

    __slots__ = ("_answer", "_body", "_connection", "_scope", "disconnected", "keep_alive", "response_complete")

    def __init__(self, connection: Connection, scope: Scope, body: bytes, *, keep_alive: bool) -> None:
        self._connection = connection
        self._scope = scope
        self._body = body
        self._answer: list[bytes] = []
        self.keep_alive = keep_alive
        self.disconnected = self.response_complete = False

    async def run(self, app: ASGIApp) -> None:
        """Run ``app``; the connection is cut if that leaves the request without an answer."""
        try:
            await app(self._scope, self.receive, self.send)
        except BaseException as error:  # nobody awaits this task
            _LOGGER.error("The application failed.", exc_info=error)  # noqa: TRY400  # without a traceback's words
        finally:
            if not self.response_complete:
                self._connection.transport.abort()

    async def receive(self) -> Message:
        """Return the body in one piece."""
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Take the next part of the answer, and write all of it after the last."""
        connection = self._connection
        if connection.flow.write_paused:
            await connection.flow.drain()
        if self.disconnected or connection.transport.is_closing():
            self.disconnected = True
            raise ClientDisconnectedError
        if message["type"] == "http.response.start":
            self._begin(message)
            return
        if self._scope["method"] != "HEAD":
            self._answer.append(message.get("body", b""))
        connection.transport.write(b"".join(self._answer))
        self.response_complete = True
        connection.finish()

    def _begin(self, message: Message) -> None:
        lines = [STATUS_LINE[message["status"]]]
        for name, value in (*self._connection.server_state.default_headers, *message["headers"]):
            if name == b"connection":
                self.keep_alive = False
            else:
                lines += (name, b": ", value, b"\r\n")
        lines.append(b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n")
        self._answer = lines
