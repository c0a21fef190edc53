"""The proxy on a socket, from its first line in the log to its last answer.

Importing uvicorn and Starlette takes longer than connecting to TikTok, so at the start both happen at once: what is
imported at the top of this file is only what the connection needs.
"""

import asyncio
import resource
import signal
import socket
import sys
from typing import TYPE_CHECKING

import uvloop

from proxy_app import __version__
from proxy_app.settings import Settings
from proxy_app.tiktok_client import TikTokClient

if TYPE_CHECKING:
    from starlette.types import ASGIApp
    from uvicorn.config import Config
    from uvicorn.server import Server

    from proxy_app.http_protocol import BoundedHttpProtocol

# Cloud Run kills a container 10 seconds after SIGTERM. The rest of a body (0.5 s) and an exchange with TikTok (at most
# 8 s) fit into this, so nothing is cut off.
_GRACE_SECONDS = 9
# Longer than Google's front end keeps an idle connection (600 s): if this side closed first, a request that is already
# on its way would be lost, and after a freeze that is likely.
_IDLE_SECONDS = 620
_BACKLOG = 2048
# A socket for each connection, and one to TikTok for each request.
_FILES = 4096


def listen(settings: Settings) -> socket.socket:
    """Open the socket that ``settings`` name; raises ``OSError`` if that is impossible."""
    found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return socket.create_server((str(address[0]), settings.port), family=family, backlog=_BACKLOG)


def server_config(app: "ASGIApp", protocol: "type[BoundedHttpProtocol] | None" = None) -> "Config":
    """Return how uvicorn serves the proxy."""
    from uvicorn.config import Config  # noqa: PLC0415  # slow: see above

    from proxy_app.http_protocol import BoundedHttpProtocol  # noqa: PLC0415  # the same

    return Config(
        app,
        http=protocol or BoundedHttpProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def serve(settings: Settings, client: TikTokClient, listener: socket.socket) -> None:
    """Serve what comes in by ``listener`` until a signal says to stop."""
    uvloop.run(_serve(settings, client, listener))


async def _serve(settings: Settings, client: TikTokClient, listener: socket.socket) -> None:
    client.preconnect()
    server = await asyncio.to_thread(_create_server, settings, client)
    for stop in (signal.SIGINT, signal.SIGTERM):
        # When uvicorn has stopped, it raises the signal again for the handler that was set before.
        signal.signal(stop, server.handle_exit)
    _allow_open_files()
    _announce(*listener.getsockname()[:2])
    await server.serve(sockets=[listener])


def _create_server(settings: Settings, client: TikTokClient) -> "Server":
    from uvicorn.server import Server  # noqa: PLC0415  # slow: see above

    from proxy_app.app import create_app  # noqa: PLC0415  # the same

    config = server_config(create_app(settings, sys.stdout, client))
    config.load()
    return Server(config)


def _announce(host: str, port: int) -> None:
    from proxy_app.logs import log_libraries_to, write_line  # noqa: PLC0415  # slow: see above

    log_libraries_to(sys.stdout)
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    message = f"Token proxy {__version__} listens on {address}"
    write_line(sys.stdout, "INFO", message, {"address": address, "version": __version__})


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
