"""An upstream that does what an HTTP server must not do, at one request of several, on real sockets."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from tests.support.upstream.peer import Peer

Act = Callable[[Peer, str], Awaitable[None]]
_WAIT_SECONDS = 10
# Who closes over TLS waits this long for the other side, which may be frozen.
_SHUTDOWN_SECONDS = 0.1


def right_answer(code: str) -> bytes:
    """Return what the holder of ``code``, and nobody else, must get."""
    body = token_for(code)
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def token_for(code: str) -> bytes:
    """Return the body with the token of ``code``."""
    return b'{"access_token":"act.%b"}' % code.encode()


@dataclass(kw_only=True)
class Misbehaving:
    """What to do wrong at the ``at``-th request of all, what more once that was ``answered``, and what was seen."""

    act: Act
    at: int = 2
    later: Act | None = None
    received: list[str] = field(default_factory=list[str])
    heads: list[bytes] = field(default_factory=list[bytes])
    connections: int = 0
    answered: threading.Event = field(default_factory=threading.Event)
    acted: threading.Event = field(default_factory=threading.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: every request but one gets the right answer."""
        self.connections += 1
        peer = Peer(reader, writer)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                await self._answer(peer)
        writer.close()

    async def _answer(self, peer: Peer) -> None:
        head, body = await peer.hear()
        code = parse_qs(body.decode())["code"][0]
        self.heads.append(head)
        self.received.append(code)
        if len(self.received) != self.at:
            await peer.say(right_answer(code))
            return
        await self.act(peer, code)
        if self.later:
            await asyncio.to_thread(self.answered.wait, _WAIT_SECONDS)
            try:
                await self.later(peer, code)
            finally:
                self.acted.set()


@contextmanager
def misbehaving(upstream: Misbehaving, tls: ssl.SSLContext | None) -> Generator[str]:
    """Serve ``upstream`` while the block lasts, and yield the URL of its token endpoint."""
    loop = asyncio.new_event_loop()
    started: asyncio.Future[asyncio.Server] = loop.create_future()

    async def start() -> None:
        shutdown = _SHUTDOWN_SECONDS if tls else None
        server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, ssl=tls, ssl_shutdown_timeout=shutdown)
        started.set_result(server)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(start(), loop).result(_WAIT_SECONDS)
    port = started.result().sockets[0].getsockname()[1]
    try:
        yield f"https://localhost:{port}/v2/oauth/token/" if tls else f"http://127.0.0.1:{port}/v2/oauth/token/"
    finally:
        upstream.answered.set()
        asyncio.run_coroutine_threadsafe(_stop(started.result()), loop).result(_WAIT_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_WAIT_SECONDS)
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
