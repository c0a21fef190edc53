"""One POST to TikTok's token endpoint, within one deadline, never twice."""

import asyncio
import os
import socket
import ssl
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from proxy_app.connection import Connection
from proxy_app.dial import address_of
from proxy_app.errors import UpstreamTimedOut, UpstreamUnreachable
from proxy_app.http_response import Reply

__all__ = ["Reply", "Upstream", "trusted_roots"]

_SYSTEM_ROOTS = Path("/etc/ssl/certs")
_MOST_IDLE = 32
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
    """Trust ``SSL_CERT_FILE`` where it is set (``OSError`` where it cannot be read), else the system's roots."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if bundle := os.environ.get("SSL_CERT_FILE"):
        context.load_verify_locations(cafile=bundle)
    elif any(_SYSTEM_ROOTS.glob("*.0")):
        # A folder of hashed names is looked into when needed; one bundle takes 3 to 16 ms to read.
        context.load_verify_locations(capath=_SYSTEM_ROOTS)
    else:
        context.load_default_certs()
    return context


class Upstream:
    """TikTok's token endpoint, over connections that are used again only while nothing stirs in them.

    There are no redirects, cookies, retries, decompression, or proxies from the environment.
    """

    def __init__(self, url: str, deadline_seconds: float) -> None:
        """Speak to ``url``; each call, from connecting to the last byte, may take ``deadline_seconds``."""
        parts = urlsplit(url)
        self._address = address_of(url)
        self._tls = trusted_roots() if parts.scheme == "https" else None
        self._head = _HEAD.format(path=parts.path or "/", host=parts.netloc).encode("ascii")
        self._deadline_seconds = deadline_seconds
        self._idle: list[Connection] = []
        self._ahead: asyncio.Future[Connection] | None = None

    def connect_ahead(self, dialled: Future[socket.socket]) -> None:
        """Begin, in the running loop, to make of ``dialled`` the connection that the first call will take."""
        self._ahead = asyncio.ensure_future(self._connected(dialled))

    async def post(self, body: bytes) -> Reply:
        """Send a form and return the reply; raises one of the three ``Upstream...`` errors."""
        request = b"%b%d\r\n\r\n%b" % (self._head, len(body), body)
        deadline = asyncio.get_running_loop().time() + self._deadline_seconds
        connection = self._quiet() or await self._opened(deadline)
        reply = await connection.exchange(request, deadline)
        self._keep(connection)
        return reply

    async def close(self) -> None:
        """Let go of every connection."""
        if self._ahead:
            self._ahead.cancel()
        with suppress(asyncio.CancelledError):
            await self._take_ahead()
        while self._idle:
            self._idle.pop().close()

    async def _take_ahead(self) -> None:
        if self._ahead is None:
            return
        ahead, self._ahead = self._ahead, None
        with suppress(UpstreamUnreachable):  # whoever needs a connection tries again, and says so if that fails too
            self._idle.append(await ahead)

    def _quiet(self) -> Connection | None:
        """Return a connection that nothing has happened to, the last used first; whatever else there is, is dropped."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_quiet():
                return connection
            connection.close()
        return None

    async def _opened(self, deadline: float) -> Connection:
        try:
            async with asyncio.timeout_at(deadline):
                await self._take_ahead()
                return self._quiet() or await self._connected()
        except TimeoutError as error:
            raise UpstreamTimedOut from error

    async def _connected(self, dialled: Future[socket.socket] | None = None) -> Connection:
        loop, name = asyncio.get_running_loop(), self._address[0] if self._tls else None
        try:
            if dialled is None:
                _, connection = await loop.create_connection(Connection, *self._address, ssl=self._tls)
            else:
                line = await asyncio.wrap_future(dialled)
                _, connection = await loop.create_connection(Connection, sock=line, ssl=self._tls, server_hostname=name)
        except (OSError, UnicodeError) as error:  # the latter for a host that can be no name
            raise UpstreamUnreachable from error
        return connection

    def _keep(self, connection: Connection) -> None:
        if connection.is_open():
            self._idle.append(connection)
        if len(self._idle) > _MOST_IDLE:
            self._idle.pop(0).close()
