"""Raw connections to a proxy, for what no HTTP client would send."""

import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

HEALTH = b"GET /health HTTP/1.1\r\nHost: proxy.example\r\n\r\n"
FORM_HEAD = b"POST /proxy/token HTTP/1.1\r\nHost: proxy.example\r\nContent-Type: application/x-www-form-urlencoded\r\n"
_PATIENCE_SECONDS = 15


def connect(origin: str) -> socket.socket:
    """Open a connection to ``origin``."""
    parts = urlsplit(origin)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=_PATIENCE_SECONDS)


def read_all(connection: socket.socket) -> bytes:
    """Return everything until the other side closes."""
    answered = b""
    with suppress(ConnectionError):
        while more := connection.recv(65536):
            answered += more
    return answered


def ask(origin: str, data: bytes) -> bytes:
    """Send ``data``, as much as the proxy takes, and return everything until it closes the connection."""
    with connect(origin) as connection:
        with suppress(ConnectionError):
            connection.sendall(data)
        return read_all(connection)


def is_healthy(origin: str) -> bool:
    """Whether a new connection is answered."""
    with connect(origin) as connection:
        connection.sendall(HEALTH)
        return connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def statuses(answered: bytes) -> list[bytes]:
    """Return the status of each answer."""
    return [part[:3] for part in answered.split(b"HTTP/1.1 ")[1:]]


def resident_bytes(pid: int) -> int:
    """Return how much memory a process has had at most."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
