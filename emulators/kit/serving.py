"""Serve an ASGI application on loopback while a ``with`` block runs."""

import asyncio
import secrets
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

_START_SECONDS = 10
_STOP_SECONDS = 10
# As nginx does. After uvicorn's 5 seconds, a busy server would close connections on which a request is on its way.
_IDLE_SECONDS = 75
_UNASSIGNED = range(20_000, 30_000)  # below the ephemeral ports of Linux, macOS and Windows


class _Server(uvicorn.Server):
    """Stops at once. uvicorn's own main loop and shutdown each sleep for a tenth of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self.ready.set()

    def stop(self) -> None:
        self.should_exit = True
        if self.ready.is_set():
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        while not self._stopping.is_set():
            await self.on_tick(0)  # sets the Date header
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in [*self.servers, *(sockets or [])]:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110  # uvicorn has no event for it
                    await asyncio.sleep(0.005)
        await self.lifespan.shutdown()


def _config(app: ASGIApp, tls: ssl.SSLContext | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=1,
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
    )


def free_port(*, adjacent: int = 1) -> int:
    """Return a port of 127.0.0.1 that is free, as are the ``adjacent - 1`` ports after it.

    The system never assigns it to a socket that binds port 0.
    """
    while True:
        first = secrets.choice(_UNASSIGNED)
        with ExitStack() as held, suppress(OSError):
            for port in range(first, first + adjacent):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first


@contextmanager
def serving(app: ASGIApp, *, tls: ssl.SSLContext | None = None, port: int = 0) -> Generator[str]:
    """Serve ``app`` on 127.0.0.1 and yield its origin: http://127.0.0.1:PORT, or https://localhost:PORT with ``tls``.

    Port 0 takes a free one. When the block ends, the server has stopped and its port is free. A server that does not
    start or stop within ten seconds raises a ``RuntimeError`` that names the port.
    """
    with socket.create_server(("127.0.0.1", port), backlog=2048) as listener:
        taken = listener.getsockname()[1]
        server = _Server(_config(app, tls))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name=f"serving-{taken}")
        thread.start()
        try:
            if not server.ready.wait(_START_SECONDS):
                raise RuntimeError(f"The server on port {taken} did not start within {_START_SECONDS} s.")
            yield f"https://localhost:{taken}" if tls else f"http://127.0.0.1:{taken}"
        finally:
            server.stop()
            thread.join(_STOP_SECONDS)
            if thread.is_alive():
                raise RuntimeError(f"The server on port {taken} did not stop within {_STOP_SECONDS} s.")
