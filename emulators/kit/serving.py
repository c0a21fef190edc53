"""Any ASGI application on a free loopback port, served while a ``with`` block lasts."""

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
_ASKED_FOR = range(20_000, 30_000)  # below what Linux, macOS and Windows hand out by themselves


class _Server(uvicorn.Server):
    """A uvicorn server that says when it has started, and leaves signals to its process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _config(app: ASGIApp, tls: ssl.SSLContext | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who asks is who connects
        ws="none",
        timeout_graceful_shutdown=1,
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
    )


def free_port(*, adjacent: int = 1) -> int:
    """Return a port of 127.0.0.1 on which nobody listens; nor does anybody on the ``adjacent - 1`` ports after it.

    Until it is taken, no system gives it to somebody who asks for just any port, which it may do with one of its own.
    """
    while True:
        first = secrets.choice(_ASKED_FOR)
        with ExitStack() as held, suppress(OSError):
            for port in range(first, first + adjacent):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first


@contextmanager
def serving(app: ASGIApp, *, tls: ssl.SSLContext | None = None, port: int = 0) -> Generator[str]:
    """Serve ``app`` on 127.0.0.1 and yield its origin: http://127.0.0.1:PORT, or https://localhost:PORT with ``tls``.

    Port 0 takes a free one. The server has stopped, and its port is free, when the block ends; a server that neither
    starts nor stops within ten seconds raises a ``RuntimeError`` that names the port.
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
            server.should_exit = True
            thread.join(_STOP_SECONDS)
            if thread.is_alive():
                raise RuntimeError(f"The server on port {taken} did not stop within {_STOP_SECONDS} s.")
