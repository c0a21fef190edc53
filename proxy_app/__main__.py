"""``python -m proxy_app``: serve until told to stop."""

import gc
import signal
import sys

if __name__ == "__main__":
    # Nothing that is imported is garbage: looking for some takes a tenth of the start (docs/performance.md).
    gc.disable()


def _stop(_signal: int, _frame: object) -> None:
    sys.exit(0)


# The first process of a container ignores signals that it has no handler for, and the imports take a while.
signal.signal(signal.SIGTERM, _stop)

import asyncio
import importlib
import os
import socket

import uvloop

from proxy_app.settings import Settings, SettingsError
from proxy_app.tiktok_client import TikTokClient

_WRONG_SETTINGS = 2
_BACKLOG = 2048


def main() -> int:
    """Serve, and return the exit code: 0 after a signal, 1 without a socket, 2 for wrong settings."""
    try:
        settings = Settings.from_environment(os.environ)
        os.environ.pop("TIKTOK_CLIENT_SECRET", None)
        client = TikTokClient(settings.token_url, settings.deadline_seconds)
    except SettingsError as error:
        return _refuse(error, _WRONG_SETTINGS)
    except OSError as error:
        return _refuse(
            f"SSL_CERT_FILE names no readable file of certificates in PEM ({error.strerror}).", _WRONG_SETTINGS
        )
    try:
        listener = _listen(settings)
    except OSError as error:
        # create_server adds the address to the system's words.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        return _refuse(f"{settings.host}:{settings.port} cannot be listened on: {reason}.", 1)
    uvloop.run(_serve(settings, client, listener))
    return 0


def _refuse(message: object, code: int) -> int:
    print(message, file=sys.stderr)  # noqa: T201  # this is the command's output
    return code


def _listen(settings: Settings) -> socket.socket:
    found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return socket.create_server((str(address[0]), settings.port), family=family, backlog=_BACKLOG)


async def _serve(settings: Settings, client: TikTokClient, listener: socket.socket) -> None:
    """Connect to TikTok while uvicorn and Starlette are imported, which takes longer."""
    client.preconnect()
    server = await asyncio.to_thread(importlib.import_module, "proxy_app.server")
    gc.freeze()  # so that no collection visits the modules: that would double the slowest answers' time
    gc.enable()
    await server.serve(settings, client, listener)


if __name__ == "__main__":
    sys.exit(main())
