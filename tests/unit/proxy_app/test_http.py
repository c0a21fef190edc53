"""Raw bytes against a real process: what can be read in two ways is refused, and nothing is ever answered twice."""

import base64
import socket
from collections.abc import Generator
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.proxy.made_up import CLIENT_KEY, CLIENT_SECRET, token_form
from tests.support.proxy.raw_client import connect, is_healthy, read_all, statuses
from tests.support.proxy.running_proxy import running_proxy
from tests.support.proxy.scripted_tiktok import ScriptedTikTok

FORM_SENT = token_form()
BODY = urlencode(FORM_SENT).encode()
LENGTH = b"Content-Length: %d" % len(BODY)
FORM = b"Content-Type: application/x-www-form-urlencoded"
HOST = b"Host: proxy.example"
# What an attacker would like to see read as a request of its own.
SMUGGLED = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED_LENGTH = b"Content-Length: %d" % len(SMUGGLED)
CHUNKED = b"Transfer-Encoding: chunked"


def request(*headers: bytes, body: bytes = SMUGGLED, line: bytes = b"POST /proxy/token HTTP/1.1") -> bytes:
    return b"\r\n".join([line, *headers, b"", body])


MALFORMED = {
    "CONNECT": request(HOST, SMUGGLED_LENGTH, line=b"CONNECT /proxy/token HTTP/1.1"),
    "CONNECT to a host": request(HOST, line=b"CONNECT open.tiktokapis.com:443 HTTP/1.1"),
    "no Host": request(FORM, LENGTH, body=BODY),
    "no Host in HTTP/1.0": request(FORM, LENGTH, body=BODY, line=b"POST /proxy/token HTTP/1.0"),
    "an empty Host": request(b"Host:", FORM, LENGTH, body=BODY),
    "two Hosts": request(HOST, b"Host: other.example", FORM, LENGTH, body=BODY),
    "the same Host twice": request(HOST, HOST, FORM, LENGTH, body=BODY),
    "a Host that is none": request(b"Host: user@proxy.example", FORM, LENGTH, body=BODY),
    "a Host with a path": request(b"Host: proxy.example/x", FORM, LENGTH, body=BODY),
    "a Host with a blank": request(b"Host: proxy example", FORM, LENGTH, body=BODY),
    "a Host with a list": request(b"Host: proxy.example:80:80", FORM, LENGTH, body=BODY),
    "a fragment in the target": request(HOST, line=b"GET /health#x HTTP/1.1", body=b""),
    "chunks in HTTP/1.0": request(HOST, FORM, CHUNKED, body=b"0\r\n\r\n", line=b"POST /proxy/token HTTP/1.0"),
    "HTTP/0.9": b"GET /health\r\n\r\n",
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
    "a body of 1.5 MiB": request(HOST, FORM, b"Content-Length: 1500000", body=b"a" * 1500000),
    "chunks too large": request(HOST, FORM, CHUNKED, body=(b"800\r\n" + b"a" * 2048 + b"\r\n") * 5 + b"0\r\n\r\n"),
    "trailers without end": request(HOST, FORM, CHUNKED, body=b"0\r\n" + b"X: aaaaaaaa\r\n" * 10000),
    "chunks of one byte without end": request(HOST, FORM, CHUNKED, body=b"1;aaaaaaaaaaaaaaaa\r\na\r\n" * 5000),
}


@pytest.fixture(scope="module")
def address(lasting_tiktok: ScriptedTikTok) -> Generator[tuple[str, int]]:
    with running_proxy(TIKTOK_TOKEN_URL=lasting_tiktok.url) as proxy:
        parts = urlsplit(proxy.origin)
        yield parts.hostname or "", parts.port or 0


def replies(address: tuple[str, int], *pieces: bytes, wait: bool = False) -> bytes:
    """Send the pieces, say that nothing more comes once there is an answer, and return all that was answered.

    With ``wait``, leave it to the proxy to close the connection.
    """
    answered = b""
    with socket.create_connection(address, timeout=8) as connection, suppress(ConnectionError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            with suppress(ConnectionError):
                connection.sendall(piece)
        answered = connection.recv(65536)
        with suppress(OSError):
            if not wait:
                connection.shutdown(socket.SHUT_WR)
        while more := connection.recv(65536):
            answered += more
    return answered


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in two pieces"])
@pytest.mark.parametrize("case", MALFORMED)
def test_it_answers_once_and_closes(
    case: str,
    at_once: bool,  # noqa: FBT001  # a parameter of pytest's
    address: tuple[str, int],
    tiktok: ScriptedTikTok,
) -> None:
    data = MALFORMED[case]
    head, end, rest = data.partition(b"\r\n\r\n")

    answered = replies(address, data) if at_once else replies(address, head + end, rest)

    assert answered.count(b"HTTP/1.1 ") == 1
    assert answered.split(b" ", 2)[1] in {b"400", b"413", b"431"}
    assert b"\r\nconnection: close\r\n" in answered.lower()
    assert tiktok.received == []


UPGRADES = {
    "to HTTP/2": [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"],
    "to WebSocket": [b"Upgrade: websocket", b"Connection: keep-alive, Upgrade", b"Sec-WebSocket-Key: x"],
    "to anything": [b"uPGRADE:x/1", b"Connection: upgrade"],
    "to nothing": [b"Upgrade:", b"Connection: upgrade"],
    "twice": [b"Upgrade: a", b"Upgrade: b", b"Connection: upgrade"],
    "that Connection does not name": [b"Upgrade: h2c"],
}


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in small pieces"])
@pytest.mark.parametrize("body", ["with a length", "in chunks"])
@pytest.mark.parametrize("upgrade", UPGRADES)
def test_an_upgrade_is_ignored_and_the_body_read_once(
    upgrade: str,
    body: str,
    at_once: bool,  # noqa: FBT001  # a parameter of pytest's
    address: tuple[str, int],
    tiktok: ScriptedTikTok,
) -> None:
    """RFC 9110 7.8. Java's HttpClient and `curl --http2` offer h2c with every request."""
    form = BODY
    if body == "in chunks":
        data = request(HOST, FORM, *UPGRADES[upgrade], CHUNKED, body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(form), form))
    else:
        data = request(HOST, FORM, *UPGRADES[upgrade], b"Content-Length: %d" % len(form), body=form)
    health = request(HOST, line=b"GET /health HTTP/1.1", body=b"")

    answered = replies(address, *([data] if at_once else [data[at : at + 9] for at in range(0, len(data), 9)]), health)

    assert [part[:3] for part in answered.split(b"HTTP/1.1 ")[1:]][:1] == [b"200"]
    assert answered.count(b"HTTP/1.1 ") <= 2
    assert len(tiktok.received) == 1
    assert tiktok.forms[0]["code"] == FORM_SENT["code"]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in two pieces"])
@pytest.mark.parametrize("trailer", [b"Authorization: Basic eDp5", b"Host: evil", b"Content-Type: text/plain", b"X: y"])
def test_trailers_change_nothing(
    trailer: bytes,
    at_once: bool,  # noqa: FBT001  # a parameter of pytest's
    address: tuple[str, int],
    tiktok: ScriptedTikTok,
) -> None:
    """RFC 9110 6.5.1: what is not known to be a trailer is dropped."""
    chunks = b"%x\r\n%b\r\n0\r\n" % (len(BODY), BODY)
    data = [request(HOST, FORM, CHUNKED, body=chunks), trailer + b"\r\n\r\n"]

    answered = replies(address, b"".join(data)) if at_once else replies(address, *data)

    assert answered.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(tiktok.received) == 1


def test_credentials_in_a_trailer_are_none(address: tuple[str, int], tiktok: ScriptedTikTok) -> None:
    basic = base64.b64encode(f"{CLIENT_KEY}:{CLIENT_SECRET}".encode())
    form = urlencode({"grant_type": "refresh_token", "refresh_token": "x"}).encode()
    chunks = b"%x\r\n%b\r\n0\r\nAuthorization: Basic %b\r\n\r\n" % (len(form), form, basic)

    assert replies(address, request(HOST, FORM, CHUNKED, body=chunks)).startswith(b"HTTP/1.1 401 ")
    assert tiktok.received == []


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 4096])
def test_pipelined_requests_are_each_answered_once_in_order(address: tuple[str, int], size: int) -> None:
    one = request(HOST, line=b"GET /health HTTP/1.1", body=b"")
    other = request(HOST, CHUNKED, line=b"POST /nowhere HTTP/1.1", body=b"4\r\n\r\n\r\n\r\n0\r\nX: y\r\n\r\n")
    last = request(HOST, b"Connection: close", line=b"GET / HTTP/1.1", body=b"")
    data = (one + other) * 3 + last

    answered = replies(address, *(data[at : at + size] for at in range(0, len(data), size)), wait=True)

    assert [part[:3] for part in answered.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404"] * 3 + [b"200"]


def test_requests_split_at_any_place_are_each_answered_once(proxy: str) -> None:
    data = request(HOST, CHUNKED, line=b"POST /nowhere HTTP/1.1", body=b"4\r\n\r\n\r\n\r\n0\r\nX: y\r\n\r\n")
    data += request(HOST, b"Connection: close", line=b"GET / HTTP/1.1", body=b"")

    for place in range(1, len(data)):
        with connect(proxy) as connection:
            connection.sendall(data[:place])
            assert is_healthy(proxy)  # so the proxy has read the first part
            connection.sendall(data[place:])

            assert statuses(read_all(connection)) == [b"404", b"200"], place


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
