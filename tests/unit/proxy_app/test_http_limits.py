"""Memory, time and connections have limits that apply before anything is parsed."""

import select
import socket
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, suppress

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy_app.http_protocol import Limits
from tests.support.proxy.local_proxy import Lines, local_proxy, post_to, serve
from tests.support.proxy.made_up import granted, token_form
from tests.support.proxy.raw_client import (
    FORM_HEAD,
    HEALTH,
    ask,
    connect,
    is_healthy,
    read_all,
    resident_bytes,
    statuses,
)
from tests.support.proxy.running_proxy import RunningProxy, running_proxy
from tests.support.proxy.scripted_tiktok import ScriptedTikTok, answer, when

_MIB = 1024 * 1024
_MOST_GROWTH = 20 * _MIB
HURRIED = Limits(head_seconds=0.3, body_seconds=0.3, unread_seconds=0.3)
UNKNOWN_PATH = b"GET /nothing HTTP/1.1\r\nHost: proxy.example\r\n"
UNKNOWN_PATHS = (UNKNOWN_PATH + b"\r\n") * 49 + UNKNOWN_PATH + b"Connection: close\r\n\r\n"
CHUNKED_HEAD = FORM_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def running() -> Generator[RunningProxy]:
    with running_proxy() as proxy:
        assert is_healthy(proxy.origin)
        yield proxy


@pytest.fixture(scope="module")
def hurried(lasting_tiktok: ScriptedTikTok) -> Generator[str]:
    with local_proxy(lasting_tiktok.url, limits=HURRIED) as origin:
        yield origin


def send_repeatedly(connection: socket.socket, data: bytes, times: int) -> None:
    for _ in range(times):
        connection.sendall(data)


FLOODS: dict[str, tuple[bytes, bytes]] = {
    "headers": (b"GET /health HTTP/1.1\r\n", b"X: aaaaaaaa\r\n"),
    "one header": (b"GET /health HTTP/1.1\r\nX: ", b"aaaaaaaaaaaaa"),
    "a target": (b"GET /", b"aaaaaaaaaaaaa"),
    "trailers": (CHUNKED_HEAD + b"0\r\n", b"X: aaaaaaaa\r\n"),
    "one trailer": (CHUNKED_HEAD + b"0\r\nX: ", b"aaaaaaaaaaaaa"),
    "chunks": (CHUNKED_HEAD, b"1000\r\n" + b"a" * 4096 + b"\r\n"),
    "chunks of one byte": (CHUNKED_HEAD, b"1\r\na\r\n"),
    "a chunk's extension": (CHUNKED_HEAD + b"1;", b"aaaaaaaaaaaaa"),
    "a body": (FORM_HEAD + b"Content-Length: 62914560\r\n\r\n", b"aaaaaaaaaaaaa"),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_refused_and_takes_no_memory(flood: str, running: RunningProxy) -> None:
    begin, repeated = FLOODS[flood]
    before = resident_bytes(running.process.pid)

    answered = ask(running.origin, begin + repeated * (60 * _MIB // len(repeated)))

    assert statuses(answered) in ([b"431"], [b"413"], [b"400"])
    assert b"\r\nconnection: close\r\n" in answered
    assert resident_bytes(running.process.pid) - before < _MOST_GROWTH


def test_unread_answers_take_no_memory(running: RunningProxy) -> None:
    before = resident_bytes(running.process.pid)
    with connect(running.origin) as connection:
        connection.settimeout(1)
        with suppress(TimeoutError, ConnectionError):
            connection.sendall(HEALTH * (6 * _MIB // len(HEALTH)))

        assert is_healthy(running.origin)
    assert resident_bytes(running.process.pid) - before < _MOST_GROWTH


def test_many_refused_requests_take_no_memory(running: RunningProxy) -> None:
    """What failed requests leave behind is garbage in cycles, which only Python's collector frees."""
    before = resident_bytes(running.process.pid)
    for _ in range(200):
        assert statuses(ask(running.origin, UNKNOWN_PATHS)) == [b"404"] * 50

    assert resident_bytes(running.process.pid) - before < _MOST_GROWTH


def test_after_a_refusal_a_client_may_send_on_for_a_megabyte(running: RunningProxy) -> None:
    """So that it reads the answer; a client that never stops is cut off."""
    with connect(running.origin) as connection:
        connection.sendall(b"GET / HTTP/9.9\r\n\r\n")
        connection.sendall(b"a" * 900_000)
        assert statuses(read_all(connection)) == [b"400"]
        with pytest.raises(ConnectionError):
            send_repeatedly(connection, b"a" * _MIB, 100)


@pytest.mark.parametrize("begun", [b"G", HEALTH[:-2], HEALTH[:-1], b"\r\n\r\nGET /health HTTP/1.1\r\nHost: "])
def test_an_unfinished_head_is_refused_in_time(hurried: str, begun: bytes) -> None:
    answered = ask(hurried, begun)

    assert statuses(answered) == [b"408"]
    assert b"\r\nconnection: close\r\n" in answered


def test_the_time_for_a_head_is_not_begun_anew_by_every_byte(hurried: str) -> None:
    with connect(hurried) as connection:
        begun = time.monotonic()
        with suppress(ConnectionError):
            for byte in HEALTH * 100:
                connection.sendall(bytes([byte]))
                if select.select([connection], [], [], 0.01)[0]:
                    break
        assert time.monotonic() - begun < 5
        assert statuses(read_all(connection)) == [b"408"]


@pytest.mark.parametrize(
    "begun",
    [
        FORM_HEAD + b"Content-Length: 9\r\n\r\ncode=",
        CHUNKED_HEAD + b"5\r\ncode=\r\n",
        CHUNKED_HEAD + b"5\r\ncode=\r\n0\r\nX: y\r\n",
    ],
)
def test_an_unfinished_body_is_refused_in_time(hurried: str, begun: bytes, tiktok: ScriptedTikTok) -> None:
    answered = ask(hurried, begun)

    assert statuses(answered) == [b"408"]
    assert b"\r\nconnection: close\r\n" in answered
    assert tiktok.received == []


def test_an_idle_connection_stays_open(hurried: str) -> None:
    """Idle is before the first request, and between two."""
    with connect(hurried) as used, connect(hurried) as unused:
        used.sendall(HEALTH)
        assert used.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert statuses(ask(hurried, b"G")) == [b"408"]  # longer than the time for a head

        for connection in (used, unused):
            connection.sendall(HEALTH)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("begun", [b"", b"G", HEALTH[:-2], FORM_HEAD + b"Content-Length: 9\r\n\r\n"])
def test_a_thousand_unfinished_requests_lock_no_client_out(running: RunningProxy, begun: bytes) -> None:
    with ExitStack() as held:
        for _ in range(1007):
            connection = held.enter_context(connect(running.origin))
            connection.sendall(begun)

        assert is_healthy(running.origin)


def test_connections_that_were_used_are_closed_last(tiktok: ScriptedTikTok) -> None:
    with local_proxy(tiktok.url, limits=Limits(connections=3)) as origin, ExitStack() as held:
        used = held.enter_context(connect(origin))
        used.sendall(HEALTH)
        assert used.recv(65536).startswith(b"HTTP/1.1 200 ")
        unused = [held.enter_context(connect(origin)) for _ in range(3)]
        assert is_healthy(origin)

        used.sendall(HEALTH)
        assert used.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert read_all(unused[0]) == b""


def test_more_requests_than_connections_are_told_so_in_json(tiktok: ScriptedTikTok, lines: Lines) -> None:
    released = threading.Event()
    tiktok.next(*[when(released, answer(granted()))] * 2)
    with local_proxy(tiktok.url, limits=Limits(connections=2)) as origin:
        waiting = [threading.Thread(target=post_to(origin), args=(token_form(),)) for _ in range(2)]
        for thread in waiting:
            thread.start()
            assert tiktok.asked.acquire(timeout=10)

        refused = httpx2.get(f"{origin}/health", trust_env=False)

        released.set()
        for thread in waiting:
            thread.join(10)
    assert (refused.status_code, refused.json()["error"]) == (503, "temporarily_unavailable")
    assert (refused.headers["cache-control"], refused.headers["connection"]) == ("no-store", "close")
    assert [line["outcome"] for line in lines()] == ["Overloaded", "token issued", "token issued"]


def test_a_client_that_does_not_read_is_cut_off() -> None:
    async def answer_at_length(_request: Request) -> Response:
        return Response(b"a" * 16 * _MIB)

    app = Starlette(routes=[Route("/health", answer_at_length)])
    with serve(app, HURRIED) as origin, connect(origin) as connection, pytest.raises(ConnectionError):
        send_repeatedly(connection, HEALTH * 100, 10_000)


def test_too_much_behind_a_request_ends_the_connection_with_its_answer(tiktok: ScriptedTikTok) -> None:
    released = threading.Event()
    tiktok.next(when(released, answer(granted())))
    form = httpx2.Request("POST", "http://x", data=token_form()).content
    with local_proxy(tiktok.url) as origin, connect(origin) as connection:
        connection.sendall(FORM_HEAD + b"Content-Length: %d\r\n\r\n" % len(form) + form)
        assert tiktok.asked.acquire(timeout=10)
        connection.sendall(HEALTH * 1000)
        assert is_healthy(origin)
        released.set()

        assert statuses(read_all(connection)) == [b"200"]
