"""The proxy in uvicorn's server, from its first line in the log to its last answer."""

import resource
import signal
import socket
import sys
from io import FileIO, TextIOWrapper

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import Server

from proxy_app import __version__
from proxy_app.app import create_app
from proxy_app.http_protocol import BoundedHttpProtocol
from proxy_app.logs import log_libraries_to, write_line
from proxy_app.settings import Settings
from proxy_app.tiktok_client import TikTokClient

# Cloud Run kills a container 10 seconds after SIGTERM. The rest of a body (0.5 s) and an exchange with TikTok (at most
# 8 s) fit into this, so nothing is cut off.
_GRACE_SECONDS = 9
# Longer than Google's front end keeps an idle connection (600 s): if this side closed first, a request that is already
# on its way would be lost, and after a freeze that is likely.
_IDLE_SECONDS = 620
# A socket for each connection, and one to TikTok for each request.
_FILES = 4096


def server_config(app: ASGIApp, protocol: type[BoundedHttpProtocol] = BoundedHttpProtocol) -> Config:
    """Return how uvicorn serves the proxy."""
    return Config(
        app,
        http=protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


async def serve(settings: Settings, client: TikTokClient, listener: socket.socket) -> None:
    """Serve what comes in by ``listener`` until a signal says to stop."""
    # Without a buffer, since each line is written at once.
    log = TextIOWrapper(FileIO(sys.stdout.fileno(), "w", closefd=False), write_through=True)
    server = Server(server_config(create_app(settings, log, client)))
    for stop in (signal.SIGINT, signal.SIGTERM):
        # When uvicorn has stopped, it raises the signal again for the handler that was set before.
        signal.signal(stop, server.handle_exit)
    _allow_open_files()
    log_libraries_to(log)
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    message = f"Token proxy {__version__} listens on {address}"
    write_line(log, "INFO", message, {"address": address, "version": __version__})
    await server.serve(sockets=[listener])


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
