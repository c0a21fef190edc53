"""One POST to TikTok's token endpoint, within one deadline, never twice."""

import asyncio
import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from proxy_app.errors import UpstreamBroken, UpstreamTimedOut, UpstreamUnreachable

_MAX_REPLY_BYTES = 64 * 1024
_SYSTEM_ROOTS = Path("/etc/ssl/certs")
_HEADERS = {
    # Bare: with JSON, or with the header sent twice, TikTok answers 200 and invalid_request.
    "content-type": "application/x-www-form-urlencoded",
    "accept": "application/json",
    "accept-encoding": "identity",
    "cache-control": "no-cache",
    "connection": "close",
}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back, not yet judged; ``log_id`` is TikTok's ``x-tt-logid`` or empty."""

    status: int
    body: bytes = field(repr=False)
    log_id: str = ""


def trusted_roots() -> ssl.SSLContext:
    """Trust ``SSL_CERT_FILE`` where it is set (``OSError`` where it cannot be read), else the system's roots."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if bundle := os.environ.get("SSL_CERT_FILE"):
        context.load_verify_locations(cafile=bundle)
    elif any(_SYSTEM_ROOTS.glob("*.0")):
        # A folder of hashed names is looked into when needed; one bundle takes 3 to 16 ms to read.
        context.load_verify_locations(capath=_SYSTEM_ROOTS)
    else:
        context.load_default_certs()
    return context


class Upstream:
    """TikTok's token endpoint. Every call has a connection of its own, so no reply can reach the wrong person.

    The transport alone is used, without the client around it: no redirects, cookies, retries, decompression, or
    proxies from the environment.
    """

    def __init__(self, url: str, deadline_seconds: float) -> None:
        """Speak to ``url``; each call, from connecting to the last byte, may take ``deadline_seconds``."""
        self._url = url
        self._deadline_seconds = deadline_seconds
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        self._transport = httpx2.AsyncHTTPTransport(verify=trusted_roots(), trust_env=False, limits=limits)

    async def post(self, body: bytes) -> Reply:
        """Send a form and return the reply; raises one of the three ``Upstream...`` errors."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._exchange(body)
        except TimeoutError as error:
            raise UpstreamTimedOut from error
        except httpx2.ConnectError as error:
            raise UpstreamUnreachable from error
        except httpx2.TransportError as error:
            raise UpstreamBroken from error

    async def close(self) -> None:
        """Let go of every connection."""
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
        raise UpstreamBroken("TikTok's answer is compressed, although that was declined.")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > _MAX_REPLY_BYTES:
            raise UpstreamBroken("TikTok's answer is larger than 64 KiB.")
    return bytes(body)
