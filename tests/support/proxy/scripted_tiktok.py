"""A TikTok of raw sockets, which can do what no server library would."""

import json
import select
import socket
import threading
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from tests.support.proxy.made_up import granted

Act = Callable[[socket.socket], None]
_PATIENCE_SECONDS = 20


@dataclass
class ScriptedTikTok:
    """Answers each request with the next act, or with a token; ``received`` has each request as it came."""

    url: str
    acts: deque[Act] = field(default_factory=deque[Act])
    received: list[bytes] = field(default_factory=list[bytes])
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def forms(self) -> list[dict[str, str]]:
        """The parameters of each request."""
        return [dict(parse_qsl(raw.partition(b"\r\n\r\n")[2].decode(), strict_parsing=True)) for raw in self.received]

    def next(self, *acts: Act) -> None:
        """Script what comes next."""
        self.acts.extend(acts)

    def forget(self) -> None:
        """Begin anew: nothing scripted, nothing received."""
        self.acts.clear()
        self.received.clear()
        self.asked = threading.Semaphore(0)

    def serve(self, connection: socket.socket) -> None:
        """Read one request and act on it."""
        with connection:
            connection.settimeout(_PATIENCE_SECONDS)
            self.received.append(_read_request(connection))
            act = self.acts.popleft() if self.acts else answer(granted())
            self.asked.release()
            act(connection)


def answer(content: Mapping[str, object] | bytes, status: str = "200 OK", *headers: str) -> Act:
    """Answer with JSON, or with the bytes as they are and a length, and say that the connection ends with it."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    own = ["Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close"]
    lines = [f"HTTP/1.1 {status}", *own, *headers]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def raw(data: bytes) -> Act:
    """Send these bytes and hang up."""
    return lambda connection: connection.sendall(data)


def held(data: bytes) -> Act:
    """Send these bytes, and leave the connection open until the other side speaks again or hangs up."""

    def send_and_hold(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.recv(1)

    return send_and_hold


def silence(connection: socket.socket) -> None:
    """Say nothing until the other side hangs up."""
    connection.recv(1)


def drip(connection: socket.socket) -> None:
    """Send a byte every now and then, until the other side hangs up."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{")
    while not select.select([connection], [], [], 0.02)[0]:
        connection.sendall(b" ")


def when(released: threading.Event, act: Act) -> Act:
    """Act once the event is set."""

    def wait_and_act(connection: socket.socket) -> None:
        released.wait(_PATIENCE_SECONDS)
        act(connection)

    return wait_and_act


@contextmanager
def scripted_tiktok() -> Generator[ScriptedTikTok]:
    """Serve on a free port while the block lasts."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        tiktok = ScriptedTikTok(f"http://127.0.0.1:{listener.getsockname()[1]}/v2/oauth/token/")
        thread = threading.Thread(target=_accept, args=(listener, tiktok))
        thread.start()
        try:
            yield tiktok
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(_PATIENCE_SECONDS)


def _accept(listener: socket.socket, tiktok: ScriptedTikTok) -> None:
    threads: list[threading.Thread] = []
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            break
        threads.append(threading.Thread(target=_serve, args=(tiktok, connection)))
        threads[-1].start()
    for thread in threads:
        thread.join(_PATIENCE_SECONDS)


def _serve(tiktok: ScriptedTikTok, connection: socket.socket) -> None:
    try:
        tiktok.serve(connection)
    except OSError:
        return  # the proxy hung up first, as several tests want it to


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    [length] = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < length:
        body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    if data := connection.recv(65536):
        return data
    raise ConnectionAbortedError
