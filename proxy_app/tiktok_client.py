"""One POST to TikTok's token endpoint, within one deadline, never sent twice (docs/upstream-client.md)."""

import asyncio
import os
import select
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import cast
from urllib.parse import urlsplit

from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType]  # half typed

from proxy_app.early_connection import NEXT_ADDRESS_SECONDS, EarlyConnection, address_of
from proxy_app.errors import Failure, ProxyError
from proxy_app.http_response import Reply, ReplyReader

_CONNECT_SECONDS = 3
_LONGEST_IDLE_SECONDS = 15
_MOST_IDLE = 32
_SYSTEM_ROOTS = Path("/etc/ssl/certs")
# macOS has no POLLRDHUP: an end is POLLIN there.
_ANYTHING = select.POLLIN | getattr(select, "POLLRDHUP", select.POLLHUP)
_HEAD = (
    "POST {path} HTTP/1.1\r\n"
    "Host: {host}\r\n"
    # Bare: with JSON, or with the header sent twice, TikTok answers 200 and invalid_request.
    "Content-Type: application/x-www-form-urlencoded\r\n"
    "Accept: application/json\r\n"
    "Accept-Encoding: identity\r\n"
    "Cache-Control: no-cache\r\n"
    "Content-Length: "
)


def trusted_roots() -> ssl.SSLContext:
    """Trust ``SSL_CERT_FILE`` if it is set (``OSError`` if it cannot be read), else the system's roots."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if bundle := os.environ.get("SSL_CERT_FILE"):
        context.load_verify_locations(cafile=bundle)
    elif any(_SYSTEM_ROOTS.glob("*.0")):
        # OpenSSL looks into a folder of hashed names when it needs a root; a bundle would be read at every start.
        context.load_verify_locations(capath=_SYSTEM_ROOTS)
    else:
        context.load_default_certs()
    return context


class TikTokClient:
    """TikTok's token endpoint, over connections that are reused only while they are quiet.

    There are no redirects, cookies, retries, decompression, or proxies from the environment.
    """

    def __init__(self, url: str, deadline_seconds: float) -> None:
        """Send to ``url``; each call, from connecting to the last byte, may take ``deadline_seconds``."""
        parts = urlsplit(url)
        self._host, self._port = address_of(url)
        self._tls = trusted_roots() if parts.scheme == "https" else None
        self._head = _HEAD.format(path=parts.path or "/", host=parts.netloc).encode("ascii")
        self._deadline_seconds = deadline_seconds
        self._idle: list[_Connection] = []
        self._preconnecting: asyncio.Task[None] | None = None

    def preconnect(self, early: EarlyConnection | None = None) -> None:
        """Begin, in the running loop, to open the connection that the first call will take, if need be on ``early``."""
        self._preconnecting = asyncio.create_task(self._preconnect(early))

    async def _preconnect(self, early: EarlyConnection | None) -> None:
        if early:
            await asyncio.to_thread(early.wait)
        with suppress(OSError, UnicodeError):  # the next attempt reports it
            self._idle.append(await self._connect(early and early.take()))

    async def post(self, body: bytes) -> Reply:
        """Send a form, and return the reply; raises ``ProxyError`` with one of the three upstream failures."""
        deadline = monotonic() + self._deadline_seconds
        connection = self._take_idle() or await self._open()
        request = b"".join([self._head, str(len(body)).encode(), b"\r\n\r\n", body])
        reply = await connection.exchange(request, deadline)
        if connection.is_open():
            self._idle.append(connection)
        if len(self._idle) > _MOST_IDLE:
            self._idle.pop(0).close()
        return reply

    async def close(self) -> None:
        """Close every connection, also one that is still being opened."""
        if task := self._preconnecting:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        while self._idle:
            self._idle.pop().close()

    def _take_idle(self) -> "_Connection | None":
        """Return the connection that was used last, if it can be reused; close what cannot."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable():
                return connection
            connection.close()
        return None

    async def _open(self) -> "_Connection":
        """Return a new connection; nothing is sent to TikTok before."""
        try:
            async with asyncio.timeout(min(_CONNECT_SECONDS, self._deadline_seconds)):
                if task := self._preconnecting:
                    self._preconnecting = None
                    await task
                return self._take_idle() or await self._connect()
        except (OSError, UnicodeError) as error:  # the latter for a host that cannot be a name
            raise ProxyError(Failure.UpstreamUnreachable) from error

    async def _connect(self, opened: socket.socket | None = None) -> "_Connection":
        """Connect to the first address that answers (RFC 8305), or go on with what is ``opened``."""
        loop = asyncio.get_running_loop()
        if not opened:
            addresses = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            opened = await start_connection(addresses, happy_eyeballs_delay=NEXT_ADDRESS_SECONDS)
        try:
            name = self._host if self._tls else None
            _, connection = await loop.create_connection(_Connection, sock=opened, ssl=self._tls, server_hostname=name)
        except BaseException:
            opened.close()
            raise
        return connection


class _Connection(asyncio.Protocol):
    """One connection to TikTok: it carries one exchange at a time, and another one only while it is quiet.

    Cloud Run freezes a process between requests, so an idle connection has often been closed unnoticed. Before every
    reuse the socket itself is polled: what can be read is an end, a reset, or an answer that must not reach anybody.
    """

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._incoming = select.poll()
        self._last_used = monotonic()
        self._reader: ReplyReader | None = None
        self._reply: asyncio.Future[Reply] | None = None

    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def is_reusable(self) -> bool:
        """Whether the connection is open, idle for at most 15 seconds, and has nothing to read."""
        is_fresh = monotonic() - self._last_used <= _LONGEST_IDLE_SECONDS
        return self.is_open() and is_fresh and not self._incoming.poll(0)

    async def exchange(self, request: bytes, deadline: float) -> Reply:
        """Send ``request`` once and return the reply; then close the connection unless it can be reused.

        ``deadline`` is a time of ``monotonic``.
        """
        if not self.is_open():
            raise ProxyError(Failure.UpstreamUnreachable)
        self._transport.write(request)
        self._reader = ReplyReader()
        loop = asyncio.get_running_loop()
        self._reply = loop.create_future()
        timer = loop.call_later(deadline - monotonic(), self._time_out)
        try:
            return await self._reply
        finally:
            timer.cancel()
            if not self._reader.reusable:
                self._transport.abort()
            self._reader = self._reply = None
            self._last_used = monotonic()

    def close(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._incoming.register(transport.get_extra_info("socket"), _ANYTHING)

    def data_received(self, data: bytes) -> None:
        """Read on, or close a connection on which bytes arrive that answer nothing."""
        if self._reader is None or self._reader.complete:
            self._transport.abort()
            return
        try:
            self._reader.feed(data)
        except ProxyError as error:
            self._fail(error)
        else:
            self._finish_if_complete(self._reader)

    def eof_received(self) -> None:
        """Take an orderly end; over TLS it is a ``close_notify``, which nobody else can send."""
        if self._reader is not None:
            self._reader.end()
            self._finish_if_complete(self._reader)

    def connection_lost(self, exc: Exception | None) -> None:
        error = ProxyError(Failure.UpstreamBroken, "TikTok closed the connection before its answer was complete.")
        error.__cause__ = exc
        self._fail(error)

    def _finish_if_complete(self, reader: ReplyReader) -> None:
        if reader.complete and self._reply and not self._reply.done():
            self._reply.set_result(reader.reply)

    def _time_out(self) -> None:
        self._fail(ProxyError(Failure.UpstreamTimedOut))

    def _fail(self, error: ProxyError) -> None:
        if self._reply and not self._reply.done():
            self._reply.set_exception(error)
        self._transport.abort()
