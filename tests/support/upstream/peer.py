"""One connection as the upstream sees it."""

import asyncio
import re
import socket
import struct
from contextlib import suppress

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Peer:
    """Hears requests, and says whatever it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def hear(self) -> tuple[bytes, bytes]:
        """Return the head and the body of the next request; ``IncompleteReadError`` at the end of the connection."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        return head, await self._reader.readexactly(int(length[1]) if length else 0)

    async def say(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
        await asyncio.sleep(0)  # lets the loop hear that the client is gone

    async def hold(self) -> None:
        """Say nothing more until the client is gone."""
        while await self._reader.read(65536):
            pass
        raise ConnectionResetError

    async def go_on(self) -> None:
        """Be ready for the next request."""

    async def close(self) -> None:
        """End in order: with a ``close_notify`` over TLS."""
        self._writer.close()
        await self._gone()

    async def cut(self) -> None:
        """End the connection underneath TLS, as whoever stands in between can."""
        self._writer.transport.abort()
        await self._gone()

    async def reset(self) -> None:
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        await self.cut()

    async def _gone(self) -> None:
        with suppress(OSError):
            await self._writer.wait_closed()
        raise ConnectionResetError
