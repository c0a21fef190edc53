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

from time import monotonic
from typing import Any, cast
from urllib.parse import unquote

import httptools
from starlette.types import ASGIApp, Scope

from proxy_app.errors import Failure, ProxyError
from proxy_app.http_connection import ANSWERING, BODY, HEAD, REFUSED, LimitedConnection
from proxy_app.http_exchange import Exchange
from proxy_app.http_head import BODY_BYTES, HEAD_BYTES, HEAD_END, HEADERS, find_refusal, without_upgrade

_CHUNKED_BYTES = 64 * 1024  # a body in chunks, with their sizes and the trailers
_PIPELINED_BYTES = 16 * 1024


class BoundedHttpProtocol(LimitedConnection):
    """uvicorn's protocol with limits."""

    parser: httptools.HttpRequestParser
    exchange: Exchange | None = None

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # what uvicorn passes
        super().__init__(*args, **options)
        self._pipelined = bytearray()
        self._body: list[bytes] = []
        self._body_length: int | None = 0  # None for a body in chunks
        self._body_size = self._received = 0
        self._keep_alive = True
        self._refusal: ProxyError | None = None

    @property
    def _scope(self) -> Scope:
        return cast("Scope", self.scope)  # uvicorn's type has all of its keys, which come one after another

    def data_received(self, data: bytes) -> None:
        if self.stage is ANSWERING:
            self._keep(data)
        elif self.stage is REFUSED:
            self.discard(data)
        # Empty lines may come before a request (RFC 9112 2.2).
        elif self.head or self.stage is BODY or (data := data.lstrip(b"\r\n")):
            self._unset_keepalive_if_required()
            self._read(data)

    def _read(self, data: bytes) -> None:
        while data and self.stage in (HEAD, BODY):
            data = self._read_head(data) if self.stage is HEAD else self._read_body(data)
        if data:
            self.data_received(data)
        self.limit_time()

    def _read_head(self, data: bytes) -> bytes:
        """Collect a head, parse it once it is complete, and return what follows it."""
        searched = max(len(self.head) - 2, 0)
        head = self.head + data if self.head else data.lstrip(b"\r\n")
        end = HEAD_END.search(head, searched)
        size = end.end() if end else len(head)
        if not head[:1].isupper():  # every method begins so, and TLS does not
            self.refuse(ProxyError(Failure.UnsafeRequest))
        elif size > HEAD_BYTES or head.count(b"\n", 0, size) > HEADERS + 2:
            self.refuse(ProxyError(Failure.HeadTooLarge))
        elif end:
            self.head = b""
            self._parse(without_upgrade(head[:size]))
            if self.stage is HEAD:
                self.refuse(ProxyError(Failure.UnsafeRequest))
            return head[size:]
        else:
            self.head = head
        return b""

    def _read_body(self, data: bytes) -> bytes:
        """Parse the next part of a body, and return what follows the body."""
        start = 0
        while start < len(data) and self.stage is BODY:
            end = self._end_of_part(data, start)
            self._received += end - start
            if self._body_length is None and self._received > _CHUNKED_BYTES:
                self.refuse(ProxyError(Failure.BodyTooLarge))
            else:
                self._parse(data[start:end])
            start = end
        return data[start:]

    def _end_of_part(self, data: bytes, start: int) -> int:
        """Return a place in ``data`` that is not behind the end of the body; chunks end with a line end."""
        if self._body_length is not None:
            return min(start + self._body_length - self._received, len(data))
        return data.find(b"\n", start) + 1 or len(data)

    def _parse(self, part: bytes) -> None:
        try:
            self.parser.feed_data(part)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refusal = self._refusal or ProxyError(Failure.UnsafeRequest)
        if self._refusal:
            self.refuse(self._refusal)

    def _keep(self, data: bytes) -> None:
        """Keep what follows the current request; too much of it ends the connection with the current answer."""
        exchange = cast("Exchange", self.exchange)
        if len(self._pipelined) + len(data) > _PIPELINED_BYTES:
            exchange.keep_alive = False
        if exchange.keep_alive:
            self._pipelined += data

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.stage is HEAD:  # later ones are trailers, which are dropped (RFC 9110 6.5.1)
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        parser, values = self.parser, dict(self.headers)
        method, version, url = parser.get_method(), parser.get_http_version(), httptools.parse_url(self.url)
        self.stage, self._body, self._body_size, self._received = BODY, [], 0, 0
        self._keep_alive = version != "1.0" and parser.should_keep_alive()
        path = url.path.decode("ascii")
        self._scope.update(
            {
                "method": method.decode("ascii"),
                "http_version": version,
                "path": unquote(path) if "%" in path else path,
                "raw_path": url.path,
                "query_string": url.query or b"",
            }
        )
        self._refusal = find_refusal(method, self.url, version, self.headers, values)
        if self.is_overloaded:
            self._refusal = self._refusal or ProxyError(Failure.Overloaded)
        if self._refusal:
            return
        self._body_length = None if b"transfer-encoding" in values else int(values.get(b"content-length", b"0"))
        if version == "1.1" and values.get(b"expect", b"").lower() == b"100-continue":
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > BODY_BYTES:
            self._refusal = ProxyError(Failure.BodyTooLarge)
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if not self._refusal:
            self.stage = ANSWERING
            self._answer(b"".join(self._body), keep_alive=self._keep_alive)

    def _answer(self, body: bytes, *, keep_alive: bool) -> None:
        app = cast("ASGIApp", self.app)  # pyright: ignore[reportUnknownMemberType]  # uvicorn leaves it open
        self.exchange = Exchange(self, self._scope, body, keep_alive=keep_alive)
        task = self.loop.create_task(self.exchange.run(app))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def refuse(self, error: ProxyError) -> None:
        """Answer the current message with ``error``, and read nothing more from this connection."""
        if self.stage is HEAD:
            self.on_message_begin()
            self._scope.update({"method": "", "path": "", "raw_path": b"", "query_string": b""})
            self.head = b""
        self.stage = REFUSED
        self.stop_timer()
        self._scope["state"]["refusal"] = error
        self._answer(b"", keep_alive=False)

    def finish(self) -> None:
        """Take the next request after an answer, or close the connection."""
        if self.stage is REFUSED:
            self.linger()
            return
        if not cast("Exchange", self.exchange).keep_alive:
            self.transport.close()
        if self.transport.is_closing():
            self.limit_unread()
            return
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.transport.abort)
        self.stage, self.has_answered, self.waiting_since = HEAD, True, monotonic()
        if self._pipelined:
            pipelined = bytes(self._pipelined)
            self._pipelined.clear()
            self.data_received(pipelined)

    def shutdown(self) -> None:
        """Close what is idle; the rest of a body may still come, as long as the time to stop allows."""
        self._keep_alive = False
        if self.stage is HEAD:
            self.transport.close()
        elif self.stage is BODY:
            self.start_timer(self.limits.stopping_body_seconds, ProxyError(Failure.Stopping))
        elif self.exchange:
            self.exchange.keep_alive = False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's
        if self.stage is BODY:
            self.refuse(ProxyError(Failure.UnsafeRequest, "The client went away before its body was complete."))
        self.connections.discard(self)
        if self.exchange:
            self.exchange.disconnected = True
        self.stop_timers()
