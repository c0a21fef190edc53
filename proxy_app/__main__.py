"""``python -m proxy_app``: serve until told to stop.

What takes longest at a cold start is to import the server, and to connect to TikTok: both are done at once.
"""

import asyncio
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import uvloop

from proxy_app import __version__
from proxy_app.settings import Settings, WrongSettings
from proxy_app.upstream import Upstream

if TYPE_CHECKING:
    import uvicorn

_WRONG_SETTINGS = 2
# Cloud Run kills a container 10 seconds after it asked it to stop.
_GRACE_SECONDS = 9
# Longer than a front end keeps an idle connection (600 s at Google's): whoever closes first must not be this side,
# for after a freeze the request that wakes the process would meet the closing.
_IDLE_SECONDS = 620
_MAX_CONNECTIONS = 1000


def main() -> int:
    """Serve, and return the exit code: 0 after a signal, 1 without a socket, 2 for settings that are wrong."""
    try:
        settings = Settings.from_environment(os.environ)
        os.environ.pop("TIKTOK_CLIENT_SECRET", None)
        upstream = Upstream(settings.token_url, settings.deadline_seconds)
    except WrongSettings as error:
        return _refuse(error, _WRONG_SETTINGS)
    except OSError as error:
        return _refuse(
            f"SSL_CERT_FILE names no readable file of certificates in PEM ({error.strerror}).", _WRONG_SETTINGS
        )
    try:
        listener = _listen(settings)
    except OSError as error:
        # create_server adds the address to its own words, in Python's spelling.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        return _refuse(f"{settings.host}:{settings.port} cannot be listened on: {reason}.", 1)
    uvloop.run(_serve(settings, upstream, listener))
    return 0


def _refuse(words: object, code: int) -> int:
    print(words, file=sys.stderr)  # noqa: T201  # this is the command's output
    return code


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=2048)


async def _serve(settings: Settings, upstream: Upstream, listener: socket.socket) -> None:
    upstream.connect_ahead()
    server = await asyncio.to_thread(_server, settings, upstream)
    for stop in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal again once it has stopped, for whoever handled it before: this time itself.
        signal.signal(stop, server.handle_exit)
    _announce(*listener.getsockname()[:2])
    await server.serve(sockets=[listener])


def _server(settings: Settings, upstream: Upstream) -> "uvicorn.Server":
    import uvicorn  # noqa: PLC0415  # while the connection to TikTok is being opened

    from proxy_app.app import create_app  # noqa: PLC0415  # the same

    config = uvicorn.Config(
        create_app(settings, upstream),
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
    return uvicorn.Server(config)


def _announce(host: str, port: int) -> None:
    from proxy_app.logs import log_to  # noqa: PLC0415  # the same

    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    log_to(sys.stdout).info(
        "Token proxy %s listens on %s",
        __version__,
        address,
        extra={"fields": {"address": address, "version": __version__}},
    )


if __name__ == "__main__":
    sys.exit(main())
