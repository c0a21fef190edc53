"""The start, once a connection to TikTok is on its way."""

import asyncio
import gc
import importlib
import os
import socket
import sys

import uvloop

from proxy_app.early_connection import EarlyConnection
from proxy_app.settings import Settings
from proxy_app.tiktok_client import TikTokClient

_BACKLOG = 2048


def run(settings: Settings, early: EarlyConnection | None) -> int:
    """Serve, and return the exit code: 0 after a signal, 1 without a socket, 2 for certificates that cannot be read."""
    try:
        client = TikTokClient(settings.token_url, settings.deadline_seconds)
    except OSError as error:
        return _refuse(f"SSL_CERT_FILE names no readable file of certificates in PEM ({error.strerror}).", 2)
    try:
        listener = _listen(settings)
    except OSError as error:
        # create_server adds the address to the system's words.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        return _refuse(f"{settings.host}:{settings.port} cannot be listened on: {reason}.", 1)
    uvloop.run(_serve(settings, client, listener, early))
    return 0


def _refuse(message: str, code: int) -> int:
    print(message, file=sys.stderr)  # noqa: T201  # this is the command's output
    return code


def _listen(settings: Settings) -> socket.socket:
    found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return socket.create_server((str(address[0]), settings.port), family=family, backlog=_BACKLOG)


async def _serve(
    settings: Settings, client: TikTokClient, listener: socket.socket, early: EarlyConnection | None
) -> None:
    """Go on with the connection to TikTok while uvicorn and Starlette are imported, which takes longer."""
    client.preconnect(early)
    server = await asyncio.to_thread(importlib.import_module, "proxy_app.server")
    gc.freeze()  # so that no collection visits the modules
    gc.enable()
    await server.serve(settings, client, listener)
