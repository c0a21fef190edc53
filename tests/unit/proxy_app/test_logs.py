"""One line for each request, in the fields that Cloud Logging knows."""

import json
import logging
from typing import Any, NoReturn

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from emulators.kit.serving import serving
from proxy_app.logs import JsonFormatter, RequestLogMiddleware
from tests.support.proxy.local_proxy import LOG, Lines, Post
from tests.support.proxy.made_up import made_up, token_form
from tests.support.proxy.scripted_tiktok import ScriptedTikTok, answer

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_a_token_leaves_one_line(post: Post, lines: Lines) -> None:
    post(token_form())

    [line] = lines()
    request = line.pop("httpRequest")
    milliseconds = line.pop("timings")["tiktok_ms"]
    assert line == {"severity": "INFO", "message": "/proxy/token 200 token issued", "outcome": "token issued"}
    assert float(request.pop("latency").removesuffix("s")) * 1000 > milliseconds > 0
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("traceparent", f"00-{TRACE}-b7ad6b7169203331-01"),
        ("x-cloud-trace-context", f"{TRACE}/1234567890;o=1"),
        ("x-cloud-trace-context", f"{TRACE}/1234567890"),
        ("x-cloud-trace-context", TRACE),
    ],
)
def test_the_trace_of_a_request_is_kept(post: Post, lines: Lines, name: str, value: str) -> None:
    post(token_form(), headers={name: value})

    assert [line["logging.googleapis.com/trace"] for line in lines()] == [TRACE]


@pytest.mark.parametrize(
    "value",
    ["", "x", f"00-{TRACE}", pytest.param(f"00-{TRACE}-b7ad6b7169203331-01-{made_up('trace')}", id="more than one")],
)
def test_a_trace_that_is_none_is_not_kept(post: Post, lines: Lines, value: str) -> None:
    post(token_form(), headers={"traceparent": value})

    assert ["logging.googleapis.com/trace" in line for line in lines()] == [False]


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
