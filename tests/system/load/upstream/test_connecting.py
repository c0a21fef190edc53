"""Failures before a byte of the request is sent: TikTok receives nothing, and the call ends in time."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import trustme

from emulators.kit.authority import ThrowAwayAuthority
from emulators.kit.serving import free_port
from proxy_app.tiktok_client import TikTokClient
from tests.support.upstream.cases import answers
from tests.support.upstream.judge import DEADLINE_SECONDS, asked
from tests.support.upstream.misbehaving import Misbehaving, misbehaving

_PATIENCE_SECONDS = 5
_Found = tuple[int, int, int, str, tuple[str, int]]
Greeting = Callable[[socket.socket], object]


def outcome(url: str, deadline_seconds: float = DEADLINE_SECONDS) -> str:
    """Return what one person gets from ``url``."""

    async def ask() -> str:
        client = TikTokClient(url, deadline_seconds)
        try:
            return await asked(client, "first")
        finally:
            await client.close()

    return asyncio.run(ask())


@contextmanager
def greeting(greet: Greeting) -> Generator[str]:
    """Accept one connection, ``greet`` it, and yield the address that clients take for one of https."""

    def accept() -> None:
        with suppress(TimeoutError):
            connection, _ = listener.accept()
            with connection:
                greet(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_PATIENCE_SECONDS)  # so that a test that never connects fails rather than hangs
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"https://localhost:{listener.getsockname()[1]}/"
        finally:
            thread.join(2 * _PATIENCE_SECONDS)
        assert not thread.is_alive()


def leaves(_: socket.socket) -> None:
    """Close at once."""


def leaves_after_the_hello(connection: socket.socket) -> None:
    connection.recv(65536)


def speaks_plainly(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def is_silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


@pytest.mark.parametrize("greet", [leaves, leaves_after_the_hello, speaks_plainly])
def test_no_handshake_is_nobody_reached(greet: Greeting) -> None:
    with greeting(greet) as url:
        assert outcome(url) == "UpstreamUnreachable"


def test_a_silent_handshake_is_nobody_reached() -> None:
    with greeting(is_silent) as url:
        assert outcome(url) == "UpstreamUnreachable"


@pytest.fixture
def dead_address() -> Generator[tuple[str, int]]:
    """Yield an address that drops what wants to connect: the queue of its socket is full."""
    with socket.socket() as listener, ExitStack() as queued:
        listener.bind(("127.0.0.2", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = queued.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003  # the standard library's own
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()


def name_with(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> str:
    """Return a URL whose name has these addresses."""
    found: list[tuple[int, int, int, str, tuple[str, int]]] = [
        (socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses
    ]

    def look_up(*_: object, **_options: object) -> list[_Found]:
        return found

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return "http://several.example/"


def test_a_dead_address_does_not_keep_the_next_one_waiting(
    monkeypatch: pytest.MonkeyPatch, dead_address: tuple[str, int]
) -> None:
    """RFC 8305."""
    with misbehaving(Misbehaving(act=answers), None) as url:
        port = int(url.rsplit(":", 1)[1].partition("/")[0])
        name = name_with(monkeypatch, dead_address, ("127.0.0.1", port))
        begun = time.monotonic()

        assert outcome(name) == "act.first"
        assert time.monotonic() - begun < 0.9


def test_where_every_address_is_dead_nothing_was_sent_and_nobody_waits_for_the_deadline(
    monkeypatch: pytest.MonkeyPatch, dead_address: tuple[str, int]
) -> None:
    name = name_with(monkeypatch, dead_address, dead_address)
    begun = time.monotonic()

    assert outcome(name, deadline_seconds=8) == "UpstreamUnreachable"
    assert time.monotonic() - begun < 4


def test_the_deadline_counts_from_the_first_packet(
    authority: ThrowAwayAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write_bundle(tmp_path / "roots.pem")))
    server, handshake_may_begin = authority.server_context(), threading.Event()

    def shake_hands_late(connection: socket.socket) -> None:
        handshake_may_begin.wait(0.8)
        with suppress(OSError), server.wrap_socket(connection, server_side=True) as encrypted:
            is_silent(encrypted)

    with greeting(shake_hands_late) as url:
        begun = time.monotonic()
        assert outcome(url, deadline_seconds=1.2) == "UpstreamTimedOut"
        assert time.monotonic() - begun < 1.8


def test_http_1_1_is_negotiated(authority: ThrowAwayAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write_bundle(tmp_path / "roots.pem")))
    server = authority.server_context()
    server.set_alpn_protocols(["h2", "http/1.1"])
    negotiated: list[str | None] = []

    def greet(connection: socket.socket) -> None:
        with server.wrap_socket(connection, server_side=True) as encrypted:
            negotiated.append(encrypted.selected_alpn_protocol())

    with greeting(greet) as url:
        assert outcome(url) == "UpstreamBroken"
    assert negotiated == ["http/1.1"]


def test_a_closed_port_is_nobody_reached() -> None:
    assert outcome(f"http://127.0.0.1:{free_port()}/") == "UpstreamUnreachable"


@pytest.mark.parametrize("host", ["nobody.invalid", "a..b", "a" * 64])
def test_a_name_that_cannot_be_looked_up_is_nobody_reached(host: str) -> None:
    assert outcome(f"https://{host}/") == "UpstreamUnreachable"


def test_an_untrusted_certificate_is_nobody_reached(authority: ThrowAwayAuthority) -> None:
    upstream = Misbehaving(act=answers)
    with misbehaving(upstream, authority.server_context()) as url:
        assert outcome(url) == "UpstreamUnreachable"
    assert upstream.received == []


def test_a_certificate_for_another_host_counts_as_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = trustme.CA()
    root.cert_pem.write_to_path(tmp_path / "root.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    elsewhere = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    root.issue_cert("elsewhere.example").configure_cert(elsewhere)  # pyright: ignore[reportUnknownMemberType]  # half typed

    upstream = Misbehaving(act=answers)
    with misbehaving(upstream, elsewhere) as url:
        assert outcome(url) == "UpstreamUnreachable"
    assert upstream.received == []


def test_an_old_version_of_tls_is_nobody_reached(
    authority: ThrowAwayAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write_bundle(tmp_path / "roots.pem")))
    old = authority.server_context()
    with pytest.deprecated_call():
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    upstream = Misbehaving(act=answers)
    with misbehaving(upstream, old) as url:
        assert outcome(url) == "UpstreamUnreachable"
