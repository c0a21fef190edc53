"""A connection whose bytes reach the proxy's protocol in exactly these pieces, by a clock that a test puts forward."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp
from uvicorn.server import ServerState

from proxy_app.http_protocol import BoundedHttpProtocol
from proxy_app.server import server_config

_TURNS = 50  # of the loop, after which everything that can happen has happened


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time is ``ahead`` seconds ahead."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


@dataclass(frozen=True)
class DirectConnection:
    """The proxy's end of a connection, and the client's socket."""

    protocol: BoundedHttpProtocol
    client: socket.socket

    async def feed(self, data: bytes, turns: int = _TURNS) -> None:
        """Give the proxy a piece, and the loop some turns."""
        self.protocol.data_received(data)
        await pass_turns(turns)

    async def wait(self, seconds: float) -> None:
        """Put the clock forward; the test's loop is a ``Clock``."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Clock)
        loop.ahead += seconds
        await pass_turns(_TURNS)

    def answered(self) -> str:
        """Return what the proxy has sent since the last call."""
        try:
            return self.client.recv(65536).decode()
        except BlockingIOError:
            return ""

    @property
    def is_closed(self) -> bool:
        return self.protocol.transport.is_closing()


@asynccontextmanager
async def direct_connection(app: ASGIApp) -> AsyncGenerator[DirectConnection]:
    """Connect to ``app``, served as in production."""
    config = server_config(app)
    config.load()
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.setblocking(False)  # noqa: FBT003  # the standard library's own
        transport, protocol = await asyncio.get_running_loop().connect_accepted_socket(
            lambda: BoundedHttpProtocol(config, ServerState()), ours
        )
        try:
            yield DirectConnection(protocol, theirs)
        finally:
            transport.abort()
            await pass_turns(1)


async def pass_turns(turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
