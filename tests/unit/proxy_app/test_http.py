"""Raw bytes against a real process: what can be read in two ways is refused, and nothing is ever answered twice."""

import base64
import socket
from collections.abc import Generator
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.proxy.made_up import CLIENT_KEY, CLIENT_SECRET
from tests.support.proxy.raw_client import connect, is_healthy, read_all, statuses
from tests.support.proxy.raw_requests import BODY, CHUNKED, FORM, FORM_SENT, HOST, LENGTH, MALFORMED, request
from tests.support.proxy.running_proxy import running_proxy
from tests.support.proxy.scripted_tiktok import ScriptedTikTok


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
