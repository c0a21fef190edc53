"""A client of a library, httpx2, with a connection of its own for every call."""

import asyncio

import httpx2

from proxy_app.errors import Failure, ProxyError
from proxy_app.http_response import Reply
from proxy_app.tiktok_client import trusted_roots

_MAX_REPLY_BYTES = 64 * 1024
_HEADERS = {
    # Bare: with JSON, or with the header sent twice, TikTok answers 200 and invalid_request.
    "content-type": "application/x-www-form-urlencoded",
    "accept": "application/json",
    "accept-encoding": "identity",
    "cache-control": "no-cache",
    "connection": "close",
}


class SingleUse:
    """A call opens a connection, and closes it.

    The transport alone is used, without the client around it: no redirects, cookies, retries or decompression.
    """

    def __init__(self, url: str, deadline_seconds: float) -> None:
        """Send to ``url``; each call, from connecting to the last byte, may take ``deadline_seconds``."""
        self._url = url
        self._deadline_seconds = deadline_seconds
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        self._transport = httpx2.AsyncHTTPTransport(verify=trusted_roots(), trust_env=False, limits=limits)

    def preconnect(self, _early: object) -> None:
        """Do nothing: no connection outlives a call."""

    async def post(self, body: bytes) -> Reply:
        """Send a form and return the reply; raises ``ProxyError`` with one of the three upstream failures."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._exchange(body)
        except TimeoutError as error:
            raise ProxyError(Failure.UpstreamTimedOut) from error
        except httpx2.ConnectError as error:
            raise ProxyError(Failure.UpstreamUnreachable) from error
        except httpx2.TransportError as error:
            raise ProxyError(Failure.UpstreamBroken) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def _exchange(self, body: bytes) -> Reply:
        request = httpx2.Request("POST", self._url, headers=_HEADERS, content=body)
        response = await self._transport.handle_async_request(request)
        try:
            return Reply(
                status=response.status_code,
                body=await _limited(response),
                log_id=response.headers.get("x-tt-logid", ""),
            )
        finally:
            await response.aclose()


async def _limited(response: httpx2.Response) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ProxyError(Failure.UpstreamBroken, "TikTok's answer is compressed, although that was declined.")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > _MAX_REPLY_BYTES:
            raise ProxyError(Failure.UpstreamBroken, "TikTok's answer is larger than 64 KiB.")
    return bytes(body)
