"""A client of a library, aiohttp, whose pool keeps connections for the next call."""

import asyncio

import aiohttp
from yarl import URL

from proxy_app.errors import Failure, ProxyError
from proxy_app.http_response import Reply
from proxy_app.tiktok_client import trusted_roots

_MAX_REPLY_BYTES = 64 * 1024
_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
}


class Pooled:
    """As strict as the library allows: no redirects, no cookies, no decompression, a capped body."""

    def __init__(self, url: str, deadline_seconds: float) -> None:
        """Send to ``url``; each call may take ``deadline_seconds``."""
        self._url = URL(url, encoded=True)
        self._deadline_seconds = deadline_seconds
        self._trust = trusted_roots()
        self._session: aiohttp.ClientSession | None = None

    def preconnect(self, _early: object) -> None:
        """Do nothing: the pool opens no connection before a call."""

    async def post(self, body: bytes) -> Reply:
        """Send a form and return the reply; raises ``ProxyError`` with one of the three upstream failures."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._exchange(body)
        except TimeoutError as error:
            raise ProxyError(Failure.UpstreamTimedOut) from error
        except aiohttp.ClientConnectorError as error:
            raise ProxyError(Failure.UpstreamUnreachable) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise ProxyError(Failure.UpstreamBroken) from error

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def _exchange(self, body: bytes) -> Reply:
        self._session = self._session or self._new_session()
        async with self._session.post(self._url, data=body, headers=_HEADERS, allow_redirects=False) as response:
            read = await response.content.read(_MAX_REPLY_BYTES)
            while not response.content.at_eof():
                read += await response.content.readany()
                if len(read) > _MAX_REPLY_BYTES:
                    raise ProxyError(Failure.UpstreamBroken, "TikTok's answer is larger than 64 KiB.")
            return Reply(status=response.status, body=read, log_id=response.headers.get("x-tt-logid", ""))

    def _new_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._trust),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )
