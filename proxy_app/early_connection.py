"""A TCP connection to TikTok that is opened while asyncio and the rest of the program are imported."""

import socket
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

NEXT_ADDRESS_SECONDS = 0.25  # RFC 8305 5


def address_of(url: str) -> tuple[str, int]:
    """Return the host and the port of an http or https address."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


class EarlyConnection:
    """A thread that connects to ``url`` while the block lasts; what nobody took by then is closed.

    Its failure has no effect: the client connects again, and the first request reports what is wrong.
    """

    def __init__(self, url: str) -> None:
        self._address = address_of(url)
        self._opened: socket.socket | None = None
        self._is_closed = False
        self._thread = threading.Thread(target=self._open, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def wait(self) -> None:
        """Wait until it is open or has failed."""
        self._thread.join()

    def take(self) -> socket.socket | None:
        """Return the socket, if it is open; from then on it is the caller's to close."""
        opened, self._opened = self._opened, None
        return opened

    def __exit__(self, *_: object) -> None:
        """Close what nobody took, now or as soon as it is open."""
        self._is_closed = True
        if self._opened:
            self._opened.close()

    def _open(self) -> None:
        with suppress(OSError, UnicodeError):  # the latter for a host that cannot be a name
            self._opened = socket.create_connection(self._address, timeout=NEXT_ADDRESS_SECONDS)
            if self._is_closed:
                self._opened.close()
