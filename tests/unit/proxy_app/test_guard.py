"""Raw bytes against a real process: what can be read in two ways is refused, and nothing is ever answered twice."""

import socket
from collections.abc import Generator
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.proxy.made_up import token_form
from tests.support.proxy.running_proxy import running_proxy
from tests.support.proxy.scripted_tiktok import ScriptedTikTok

BODY = urlencode(token_form()).encode()
LENGTH = b"Content-Length: %d" % len(BODY)
FORM = b"Content-Type: application/x-www-form-urlencoded"
HOST = b"Host: proxy.example"
# What an attacker would like to see read as a request of its own.
SMUGGLED = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED_LENGTH = b"Content-Length: %d" % len(SMUGGLED)
CHUNKED = b"Transfer-Encoding: chunked"


def request(*headers: bytes, body: bytes = SMUGGLED, line: bytes = b"POST /proxy/token HTTP/1.1") -> bytes:
    return b"\r\n".join([line, *headers, b"", body])


def upgrade(protocol: bytes, *more: bytes) -> bytes:
    return request(HOST, FORM, SMUGGLED_LENGTH, b"Upgrade: " + protocol, *more)


MALFORMED = {
    "an upgrade to WebSocket": upgrade(b"websocket", b"Connection: Upgrade", b"Sec-WebSocket-Key: x"),
    "an upgrade to HTTP/2": upgrade(b"h2c", b"Connection: Upgrade, HTTP2-Settings", b"HTTP2-Settings: AAMAAABk"),
    "an upgrade to anything": upgrade(b"x", b"Connection: upgrade"),
    "an upgrade to nothing": upgrade(b"", b"Connection: upgrade"),
    "an upgrade that Connection does not name": upgrade(b"websocket"),
    "an upgrade with keep-alive": upgrade(b"websocket", b"Connection: keep-alive, Upgrade"),
    "an upgrade with chunks": request(
        HOST, FORM, CHUNKED, b"Upgrade: x", b"Connection: upgrade", body=b"22\r\n" + SMUGGLED + b"\r\n0\r\n\r\n"
    ),
    "an upgrade of a good request": request(HOST, FORM, LENGTH, b"Upgrade: x", b"Connection: upgrade", body=BODY),
    "an upgrade of a GET": request(HOST, b"Upgrade: x", b"Connection: upgrade", line=b"GET /health HTTP/1.1"),
    "CONNECT": request(HOST, SMUGGLED_LENGTH, line=b"CONNECT /proxy/token HTTP/1.1"),
    "CONNECT to a host": request(HOST, line=b"CONNECT open.tiktokapis.com:443 HTTP/1.1"),
    "no Host": request(FORM, LENGTH, body=BODY),
    "no Host in HTTP/1.0": request(FORM, LENGTH, body=BODY, line=b"POST /proxy/token HTTP/1.0"),
    "an empty Host": request(b"Host:", FORM, LENGTH, body=BODY),
    "two Hosts": request(HOST, b"Host: other.example", FORM, LENGTH, body=BODY),
    "the same Host twice": request(HOST, HOST, FORM, LENGTH, body=BODY),
    "65 headers": request(HOST, FORM, LENGTH, *[b"X-%d: 1" % n for n in range(62)], body=BODY),
    "5,000 headers": request(HOST, FORM, LENGTH, *[b"X-%d: 1" % n for n in range(5000)], body=BODY),
    "16 KiB of headers": request(HOST, FORM, LENGTH, b"X: " + b"a" * 16384, body=BODY),
    "1 MiB of headers": request(HOST, FORM, LENGTH, b"X: " + b"a" * 1048576, body=BODY),
    "a length and chunks": request(HOST, FORM, LENGTH, CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
    "chunks and a length": request(HOST, FORM, CHUNKED, LENGTH, body=b"0\r\n\r\n" + SMUGGLED),
    "two lengths": request(HOST, FORM, b"Content-Length: 0", SMUGGLED_LENGTH),
    "the same length twice": request(HOST, FORM, LENGTH, LENGTH, body=BODY),
    "a list of lengths": request(HOST, FORM, b"Content-Length: 34, 34"),
    "a negative length": request(HOST, FORM, b"Content-Length: -1"),
    "a signed length": request(HOST, FORM, b"Content-Length: +34"),
    "a length in hex": request(HOST, FORM, b"Content-Length: 0x22"),
    "a length with a blank": request(HOST, FORM, b"Content-Length: 3 4"),
    "a length too long": request(HOST, FORM, b"Content-Length: 99999999999999999999999"),
    "an empty length": request(HOST, FORM, b"Content-Length:"),
    "chunks twice": request(HOST, FORM, CHUNKED, CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
    "gzip after chunks": request(HOST, FORM, b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n" + SMUGGLED),
    "gzip before chunks": request(HOST, FORM, b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "an unknown encoding": request(HOST, FORM, b"Transfer-Encoding: xchunked"),
    "the identity encoding": request(HOST, FORM, b"Transfer-Encoding: identity"),
    "an encoding after a tab": request(HOST, FORM, b"Transfer-Encoding:\x0bchunked"),
    "a chunk without a size": request(HOST, FORM, CHUNKED, body=b"\r\n" + SMUGGLED),
    "a chunk size that is no number": request(HOST, FORM, CHUNKED, body=b"zz\r\n" + SMUGGLED),
    "a negative chunk": request(HOST, FORM, CHUNKED, body=b"-1\r\n" + SMUGGLED),
    "a chunk size too large": request(HOST, FORM, CHUNKED, body=b"f" * 20 + b"\r\n" + SMUGGLED),
    "a chunk longer than its size": request(HOST, FORM, CHUNKED, body=b"1\r\n" + SMUGGLED),
    "a chunk ended by LF": request(HOST, FORM, CHUNKED, body=b"1\na\n0\n\n" + SMUGGLED),
    "a blank before a colon": request(HOST, FORM, b"Content-Length : 34"),
    "a folded header": request(HOST, FORM, b"X: a\r\n b", LENGTH, body=BODY),
    "a header without a colon": request(HOST, FORM, b"nonsense", LENGTH, body=BODY),
    "a header without a name": request(HOST, FORM, b": x", LENGTH, body=BODY),
    "a NUL in a header": request(HOST, FORM, b"X: a\x00b", LENGTH, body=BODY),
    "a bare CR in a header": request(HOST, FORM, b"X: a\rContent-Length: 0", LENGTH, body=BODY),
    "lines ended by LF": request(HOST, FORM, SMUGGLED_LENGTH).replace(b"\r\n", b"\n"),
    "no method": request(HOST, LENGTH, line=b" /proxy/token HTTP/1.1"),
    "an unknown method": request(HOST, FORM, SMUGGLED_LENGTH, line=b"STEAL /proxy/token HTTP/1.1"),
    "no version": request(HOST, FORM, SMUGGLED_LENGTH, line=b"POST /proxy/token"),
    "version 2": request(HOST, FORM, SMUGGLED_LENGTH, line=b"POST /proxy/token HTTP/2.0"),
    "version 9.9": request(HOST, FORM, SMUGGLED_LENGTH, line=b"POST /proxy/token HTTP/9.9"),
    "a blank in the path": request(HOST, LENGTH, line=b"POST /proxy /token HTTP/1.1"),
    "a NUL in the path": request(HOST, LENGTH, line=b"POST /proxy/token\x00 HTTP/1.1"),
    "a path that is not ASCII": request(HOST, LENGTH, line=b"POST /proxy/t\xc3\xb6ken HTTP/1.1"),
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a handshake of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "noise": bytes(range(256)) * 4,
    "a body too large": request(HOST, FORM, b"Content-Length: 9000", body=b"a" * 9000),
}


@pytest.fixture(scope="module")
def address(lasting_tiktok: ScriptedTikTok) -> Generator[tuple[str, int]]:
    with running_proxy(TIKTOK_TOKEN_URL=lasting_tiktok.url) as proxy:
        parts = urlsplit(proxy.origin)
        yield parts.hostname or "", parts.port or 0


def replies(address: tuple[str, int], *pieces: bytes) -> bytes:
    """Send the pieces, say that nothing more comes once there is an answer, and return all that was answered."""
    answered = b""
    with socket.create_connection(address, timeout=8) as connection, suppress(ConnectionError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            with suppress(ConnectionError):
                connection.sendall(piece)
        answered = connection.recv(65536)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        while more := connection.recv(65536):
            answered += more
    return answered


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in two pieces"])
@pytest.mark.parametrize("case", MALFORMED)
def test_it_answers_once_and_hangs_up(
    case: str,
    at_once: bool,  # noqa: FBT001  # a parameter of pytest's
    address: tuple[str, int],
    tiktok: ScriptedTikTok,
) -> None:
    data = MALFORMED[case]
    head, end, rest = data.partition(b"\r\n\r\n")

    answered = replies(address, data) if at_once else replies(address, head + end, rest)

    assert answered.count(b"HTTP/1.1 ") == 1
    assert answered.split(b" ", 2)[1] in {b"400", b"413"}
    assert b"\r\nconnection: close\r\n" in answered.lower()
    assert tiktok.received == []


def test_there_are_enough_cases() -> None:
    assert len(MALFORMED) >= 40


@pytest.mark.parametrize("size", [1, 7, 64])
def test_a_good_request_may_come_in_small_pieces(address: tuple[str, int], tiktok: ScriptedTikTok, size: int) -> None:
    data = request(HOST, FORM, LENGTH, body=BODY)

    answered = replies(address, *(data[place : place + size] for place in range(0, len(data), size)))

    assert answered.count(b"HTTP/1.1 ") == 1
    assert answered.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(tiktok.received) == 1


def test_a_chunked_body_is_read_like_any_other(address: tuple[str, int], tiktok: ScriptedTikTok) -> None:
    chunks = b"5\r\n" + BODY[:5] + b"\r\n%x\r\n" % (len(BODY) - 5) + BODY[5:] + b"\r\n0\r\n\r\n"

    assert replies(address, request(HOST, FORM, CHUNKED, body=chunks)).startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(tiktok.received) == 1


def test_two_good_requests_are_two_answers_in_order(address: tuple[str, int]) -> None:
    health, nowhere = (request(HOST, body=b"", line=b"GET %s HTTP/1.1" % path) for path in (b"/health", b"/nowhere"))
    with socket.create_connection(address, timeout=8) as connection:
        connection.sendall(health + nowhere)
        answered = b""
        while answered.count(b"\r\n\r\n{") < 2 or not answered.endswith(b"}"):
            answered += connection.recv(65536)

    assert [part[:3] for part in answered.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404"]


def test_a_client_that_waits_to_continue_is_told_to(address: tuple[str, int]) -> None:
    head, end, _ = request(HOST, FORM, LENGTH, b"Expect: 100-continue").partition(b"\r\n\r\n")
    with socket.create_connection(address, timeout=8) as connection:
        connection.sendall(head + end)
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(BODY)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_64_headers_are_not_too_many(address: tuple[str, int]) -> None:
    many = [b"X-%d: 1" % number for number in range(61)]

    assert replies(address, request(HOST, FORM, LENGTH, *many, body=BODY)).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("sent", [b"", BODY[:10]])
def test_who_hangs_up_in_the_middle_asks_nothing_of_tiktok(
    address: tuple[str, int], tiktok: ScriptedTikTok, sent: bytes
) -> None:
    with socket.create_connection(address, timeout=8) as connection:
        connection.sendall(request(HOST, FORM, LENGTH, body=sent))
    with socket.create_connection(address, timeout=8) as connection:
        connection.sendall(request(HOST, body=b"", line=b"GET /health HTTP/1.1"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")

    assert tiktok.received == []
