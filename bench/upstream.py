"""``python -m bench.upstream ROOT``: a TikTok that answers every request at once over https, near and far away.

It writes only its own authority's certificate to ROOT. Reading all roots of a system from one file takes a third of the
proxy's start, and a deployed proxy does not do that: it looks into a folder of hashed names. It prints two ports: one
without delay, and one where every round trip takes 40 ms.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

import httptools
import uvloop

from emulators.kit.authority import ThrowAwayAuthority

_ONE_WAY_SECONDS = 0.020
_BODY = (
    b'{"access_token":"act.example12345678901234567890123456789012345678901234567890!4321.va","expires_in":86400,'
    b'"open_id":"-000EXAMPLE","refresh_expires_in":31536000,"refresh_token":"rft.example1234567890123456789012345678'
    b'90123456789012345678!4321.va","scope":"user.info.basic,user.info.profile","token_type":"Bearer"}'
)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Tt-Logid: 2026112500000000000A\r\n"
_ANSWER = b"%bContent-Length: %d\r\n\r\n%b" % (_HEAD, len(_BODY), _BODY)


class _TikTok(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._transport.write(_ANSWER)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, open_seconds: float = 0) -> None:
    """Forward data and the end with a delay, and nothing within the first ``open_seconds``."""
    loop = asyncio.get_running_loop()
    opened = loop.time() + open_seconds
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            loop.call_at(max(loop.time(), opened) + _ONE_WAY_SECONDS, writer.write, data)
    loop.call_later(_ONE_WAY_SECONDS, writer.close)


def _long_line(port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Return a handler that forwards a connection to ``port`` with the delay of a distant server.

    Opening a connection takes one round trip. On loopback it takes no time, so the first bytes wait for that long.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_carry(reader, far_writer, 2 * _ONE_WAY_SECONDS), _carry(far_reader, writer))

    return serve


async def _serve(root: Path) -> None:
    authority = ThrowAwayAuthority()
    authority.write_root(root)
    loop = asyncio.get_running_loop()
    near = await loop.create_server(_TikTok, "127.0.0.1", 0, ssl=authority.server_context())
    port = near.sockets[0].getsockname()[1]
    far = await asyncio.start_server(_long_line(port), "127.0.0.1", 0)
    print(port, far.sockets[0].getsockname()[1], flush=True)
    await asyncio.gather(near.serve_forever(), far.serve_forever())


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1])))
