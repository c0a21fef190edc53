"""The line to TikTok, opened before anything slow is imported: a cold start waits for the longer of the two."""

import socket
from concurrent.futures import Future
from threading import Thread
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}


def address_of(url: str) -> tuple[str, int]:
    """Return the host and the port that ``url`` names."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]


def dial(url: str, seconds: float) -> Future[socket.socket]:
    """Begin to connect by TCP to the host of ``url``, for ``seconds`` at most, in a thread that nobody waits for.

    The future brings a socket that does not block, or fails with ``OSError``, or ``UnicodeError`` for an odd host.
    """
    dialled: Future[socket.socket] = Future()
    dialled.set_running_or_notify_cancel()
    Thread(target=_connect, args=(dialled, address_of(url), seconds), daemon=True).start()
    return dialled


def _connect(dialled: Future[socket.socket], address: tuple[str, int], seconds: float) -> None:
    try:
        connection = socket.create_connection(address, seconds)
        connection.settimeout(0)
    except (OSError, UnicodeError) as error:
        dialled.set_exception(error)
    else:
        dialled.set_result(connection)
