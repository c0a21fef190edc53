"""One line for each request, in the fields that Cloud Logging knows."""

import asyncio
import io
import json
import logging
import socket
import threading
import time
from typing import Any, NoReturn

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from emulators.kit.serving import serving
from proxy_app.app import RequestLogMiddleware
from proxy_app.logs import JsonFormatter
from tests.support.proxy.local_proxy import LOG, Lines, Post
from tests.support.proxy.made_up import granted, made_up, token_form
from tests.support.proxy.raw_client import FORM_HEAD, HEALTH, ask, connect, is_healthy
from tests.support.proxy.scripted_tiktok import ScriptedTikTok, answer, when

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_a_token_leaves_one_line(post: Post, lines: Lines) -> None:
    post(token_form())

    [line] = lines()
    request = line.pop("httpRequest")
    microseconds = line.pop("tiktok_us")
    assert line == {"severity": "INFO", "message": "/proxy/token 200 token issued", "outcome": "token issued"}
    assert float(request.pop("latency").removesuffix("s")) * 1_000_000 > microseconds > 0
    assert request == {
        "requestMethod": "POST",
        "requestUrl": "/proxy/token",
        "status": 200,
        "protocol": "HTTP/1.1",
    }


def test_a_refusal_is_logged_with_tiktoks_log_id(post: Post, tiktok: ScriptedTikTok, lines: Lines) -> None:
    said = {"error": "invalid_grant", "error_description": made_up("words"), "log_id": "20260901ABCDEF"}
    tiktok.next(answer(said))

    post(token_form())

    [line] = lines()
    assert (line["severity"], line["outcome"]) == ("WARNING", "TikTokRefusedGrant")
    assert line["tiktok_log_id"] == "20260901ABCDEF"


def test_the_log_id_may_come_as_a_header(post: Post, tiktok: ScriptedTikTok, lines: Lines) -> None:
    tiktok.next(answer(b"<html>", "502 Bad Gateway", "X-Tt-Logid: 20260901ABCDEF"))

    post(token_form())

    assert [line["tiktok_log_id"] for line in lines()] == ["20260901ABCDEF"]


SPAN = "b7ad6b7169203331"
ZEROS = "0" * 32


def trace_of(line: dict[str, Any]) -> list[object]:
    """Return the trace, the span and whether it is sampled, as https://docs.cloud.google.com/logging names them."""
    return [line.get(f"logging.googleapis.com/{name}") for name in ("trace", "spanId", "trace_sampled")]


@pytest.mark.parametrize(
    ("name", "value", "trace"),
    [
        ("traceparent", f"00-{TRACE}-{SPAN}-01", [TRACE, SPAN, True]),
        ("traceparent", f"00-{TRACE}-{SPAN}-00", [TRACE, SPAN, False]),
        ("traceparent", f"00-{TRACE}-{SPAN}-03", [TRACE, SPAN, True]),
        ("traceparent", f"01-{TRACE}-{SPAN}-01-more", [TRACE, SPAN, True]),
        ("x-cloud-trace-context", f"{TRACE}/1234567890;o=1", [TRACE, "00000000499602d2", True]),
        ("x-cloud-trace-context", f"{TRACE}/1234567890;o=0", [TRACE, "00000000499602d2", False]),
        ("x-cloud-trace-context", f"{TRACE}/1234567890", [TRACE, "00000000499602d2", False]),
        ("x-cloud-trace-context", TRACE, [TRACE, None, False]),
    ],
)
def test_the_trace_of_a_request_is_kept(post: Post, lines: Lines, name: str, value: str, trace: list[object]) -> None:
    post(token_form(), headers={name: value})

    assert [trace_of(line) for line in lines()] == [trace]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("traceparent", ""),
        ("traceparent", f"00-{TRACE}"),
        ("traceparent", f"00-{ZEROS}-{SPAN}-01"),
        ("traceparent", f"00-{TRACE}-{ZEROS[:16]}-01"),
        ("traceparent", f"ff-{TRACE}-{SPAN}-01"),
        ("traceparent", f"00-{TRACE.upper()}-{SPAN}-01"),
        pytest.param("traceparent", f"00-{TRACE}-{SPAN}-01-{made_up('trace')}", id="more than version 00 has"),
        ("x-cloud-trace-context", f"{ZEROS}/1;o=1"),
    ],
)
def test_a_trace_that_is_none_is_not_kept(post: Post, lines: Lines, name: str, value: str) -> None:
    post(token_form(), headers={name: value})

    assert [trace_of(line) for line in lines()] == [[None, None, None]]


def test_a_token_that_nobody_received_is_logged_as_that(proxy: str, tiktok: ScriptedTikTok, lines: Lines) -> None:
    released = threading.Event()
    tiktok.next(when(released, answer(granted())))
    with connect(proxy) as connection:
        send_token_request(connection)
        assert tiktok.asked.acquire(timeout=10)
    assert is_healthy(proxy)  # the proxy has seen the end of the other connection by then
    released.set()
    wait_for_lines(lines, 2)

    [health, token] = lines()
    assert health["httpRequest"]["status"] == 200
    assert (token["httpRequest"]["status"], token["outcome"]) == (499, "ClientDisconnected")
    assert token["severity"] == "WARNING"


def test_a_client_that_leaves_with_requests_in_the_queue_leaves_one_record(
    proxy: str, tiktok: ScriptedTikTok, lines: Lines
) -> None:
    released = threading.Event()
    tiktok.next(when(released, answer(granted())))
    with connect(proxy) as connection:
        send_token_request(connection)
        connection.sendall(HEALTH * 3)
        assert tiktok.asked.acquire(timeout=10)
    assert is_healthy(proxy)
    released.set()
    wait_for_lines(lines, 2)

    assert [line["httpRequest"]["status"] for line in lines()] == [200, 499]


def test_a_client_that_leaves_in_the_middle_of_its_body_leaves_one_record(proxy: str, lines: Lines) -> None:
    with connect(proxy) as connection:
        connection.sendall(FORM_HEAD + b"Content-Length: 9\r\n\r\ncode=")
    wait_for_lines(lines, 1)

    assert [(line["httpRequest"]["status"], line["outcome"]) for line in lines()] == [(499, "ClientDisconnected")]


def test_the_record_is_written_before_the_client_has_the_answer() -> None:
    """Afterwards Cloud Run may freeze the process."""
    log, written = io.StringIO(), list[str]()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            written.append(log.getvalue())

    async def receive() -> Message:
        raise AssertionError("The body is not needed.")

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "http_version": "1.1", "headers": []}
    asyncio.run(RequestLogMiddleware(PlainTextResponse("hello"), log)(scope, receive, send))

    assert written == [log.getvalue()]
    assert log.getvalue().count("\n") == 1


@pytest.mark.parametrize("data", [b"nonsense\r\n\r\n", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_the_server_refuses_is_logged_like_everything_else(proxy: str, lines: Lines, data: bytes) -> None:
    answered = ask(proxy, data)

    assert answered.startswith(b"HTTP/1.1 400 ")
    assert b'\r\n\r\n{"error": "invalid_request"' in answered
    assert b"\r\ncache-control: no-store\r\n" in answered
    assert [(line["httpRequest"]["status"], line["outcome"]) for line in lines()] == [(400, "UnsafeRequest")]


def send_token_request(connection: socket.socket) -> None:
    form = httpx2.Request("POST", "http://x", data=token_form()).content
    connection.sendall(FORM_HEAD + b"Content-Length: %d\r\n\r\n" % len(form) + form)


def wait_for_lines(lines: Lines, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(lines()) < count and time.monotonic() < deadline:
        time.sleep(0.01)


def test_a_defect_is_answered_and_logged_without_its_words(lines: Lines) -> None:
    words = made_up("words")

    async def break_down(_scope: Scope, _receive: Receive, _send: Send) -> NoReturn:
        raise LookupError(words)

    with serving(RequestLogMiddleware(break_down, LOG)) as origin:
        reply = httpx2.get(origin, trust_env=False)

    [line] = lines()
    assert (reply.status_code, reply.json()["error"]) == (500, "server_error")
    assert words not in reply.text
    assert (line["severity"], line["outcome"]) == ("ERROR", "Unexpected")
    assert line["fault"].startswith("LookupError at test_logs.py:")


def test_a_line_of_a_library_keeps_its_exception_without_words() -> None:
    words = made_up("words")
    with pytest.raises(ValueError, match=words) as broken:
        int(words)
    exception = (broken.type, broken.value, broken.tb)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, __file__, 1, "It broke.", (), exception)

    line: dict[str, Any] = json.loads(JsonFormatter().format(record))

    assert line.pop("fault").startswith("ValueError at test_logs.py:")
    assert line == {"severity": "ERROR", "message": "It broke."}
