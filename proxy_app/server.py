"""The proxy on a socket, from its first line in the log to its last answer."""

import asyncio
import gc
import signal
import socket
import sys
from concurrent.futures import Future
from types import ModuleType
from typing import TYPE_CHECKING

import uvloop

from proxy_app import __version__
from proxy_app.settings import Settings
from proxy_app.tiktok_client import Upstream

if TYPE_CHECKING:
    from uvicorn.server import Server

# Cloud Run kills a container 10 seconds after it asked it to stop.
_GRACE_SECONDS = 9
# Longer than a front end keeps an idle connection (600 s at Google's): whoever closes first must not be this side,
# for after a freeze the request that wakes the process would meet the closing.
_IDLE_SECONDS = 620
_MAX_CONNECTIONS = 1000


def listen(settings: Settings) -> socket.socket:
    """Open the socket that ``settings`` name; ``OSError`` where that is impossible."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=2048)


def serve(settings: Settings, upstream: Upstream, listener: socket.socket, dialled: Future[socket.socket]) -> None:
    """Serve what comes in by ``listener`` until a signal says to stop; ``dialled`` becomes the first connection."""
    uvloop.run(_serve(settings, upstream, listener, dialled))


async def _serve(
    settings: Settings, upstream: Upstream, listener: socket.socket, dialled: Future[socket.socket]
) -> None:
    upstream.connect_ahead(dialled)
    server = await asyncio.to_thread(_server, settings, upstream)
    for stop in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal again once it has stopped, for whoever handled it before: this time itself.
        signal.signal(stop, server.handle_exit)
    # What is there by now stays: the collector need not look at it again.
    gc.freeze()
    gc.enable()
    _announce(*listener.getsockname()[:2])
    await server.serve(sockets=[listener])


def _server(settings: Settings, upstream: Upstream) -> "Server":
    """Import and make what takes long, while the connection to TikTok is being opened."""
    _leave_out_command_line()
    from uvicorn.config import Config  # noqa: PLC0415  # see above
    from uvicorn.server import Server  # noqa: PLC0415  # the same

    from proxy_app.app import create_app  # noqa: PLC0415  # the same

    config = Config(
        create_app(settings, sys.stdout, upstream),
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    config.load()
    return Server(config)


def _leave_out_command_line() -> None:
    """Spare a tenth of the start: uvicorn's package imports its command line, which nothing here uses."""
    command_line = ModuleType("uvicorn.main")
    vars(command_line).update(Server=None, main=None, run=None)
    sys.modules.setdefault("uvicorn.main", command_line)


def _announce(host: str, port: int) -> None:
    from proxy_app.logs import log_libraries_to, write_line  # noqa: PLC0415  # the same

    log_libraries_to(sys.stdout)
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    words = f"Token proxy {__version__} listens on {address}"
    write_line(sys.stdout, "INFO", words, {"address": address, "version": __version__})
