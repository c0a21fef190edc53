"""TikTok slow, silent, cut off, in HTML, too large, or gone: every one is answered, in time, in RFC 6749's words."""

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from emulators.kit.authority import ThrowAwayAuthority
from emulators.kit.serving import free_port, serving
from emulators.tiktok import TikTok
from emulators.tiktok import create_app as create_tiktok
from proxy_app.errors import Failure
from proxy_app.tiktok_client import TikTokClient
from tests.support.proxy.failures import fails
from tests.support.proxy.local_proxy import Lines, local_proxy, post_to
from tests.support.proxy.made_up import granted, made_up, token_form
from tests.support.proxy.scripted_tiktok import Act, ScriptedTikTok, answer, drip, held, raw, silence, when

PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
STRAY = made_up("act")
GRANTED = b'{"access_token":"' + STRAY.encode() + b'"}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def sized(size: int) -> bytes:
    return b'{"access_token":"' + b"a" * (size - 19) + b'"}'


FAULTS: dict[str, tuple[Act, int, str]] = {
    "silence": (silence, 504, "temporarily_unavailable"),
    "a slow drip": (drip, 504, "temporarily_unavailable"),
    "no answer at all": (raw(b""), 502, "server_error"),
    "an answer cut in its head": (raw(b"HTTP/1.1 200 OK\r\nContent-"), 502, "server_error"),
    "an answer cut in its body": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + GRANTED),
        502,
        "server_error",
    ),
    "a chunk cut": (raw(CHUNKED + b"fff\r\n" + GRANTED), 502, "server_error"),
    "a broken chunk": (raw(CHUNKED + b"zz\r\n" + GRANTED), 502, "server_error"),
    "truncated JSON": (answer(GRANTED[:-3]), 502, "server_error"),
    "HTML": (answer(PAGE, "502 Bad Gateway"), 502, "server_error"),
    "HTML with 200": (answer(PAGE), 502, "server_error"),
    "the gateway's 404": (answer(b"Unsupported path(Janus)", "404 Not Found"), 502, "server_error"),
    "429 in plain text": (answer(b"Too Many Requests", "429 Too Many Requests"), 503, "temporarily_unavailable"),
    "a redirect": (answer(GRANTED, "307 Temporary Redirect", "Location: /elsewhere"), 502, "server_error"),
    "64 KiB and a byte": (answer(sized(65537)), 502, "server_error"),
    "endless chunks": (raw(CHUNKED + (b"1000\r\n" + b"a" * 4096 + b"\r\n") * 400), 502, "server_error"),
    "gzip": (answer(gzip.compress(GRANTED), "200 OK", "Content-Encoding: gzip"), 502, "server_error"),
    "no length, and no word of closing": (raw(b"HTTP/1.1 200 OK\r\n\r\n" + GRANTED), 502, "server_error"),
    "no HTTP": (raw(b"SSH-2.0-OpenSSH_9.9\r\n"), 502, "server_error"),
}


@pytest.fixture(scope="module")
def proxy(lasting_tiktok: ScriptedTikTok) -> Generator[str]:
    """Serve a proxy that is quickly out of patience."""
    with local_proxy(lasting_tiktok.url, deadline_seconds=0.5) as origin:
        yield origin


@pytest.mark.parametrize("fault", FAULTS)
def test_it_answers(fault: str, proxy: str, tiktok: ScriptedTikTok, lines: Lines) -> None:
    act, status, code = FAULTS[fault]
    tiktok.next(act)
    begun = time.monotonic()

    reply = post_to(proxy)(token_form())

    assert time.monotonic() - begun < 5
    assert (reply.status_code, reply.json()["error"]) == (status, code)
    assert 0 < int(reply.headers["retry-after"]) <= 5
    assert reply.headers["cache-control"] == "no-store"
    assert len(tiktok.received) == 1
    assert [line["severity"] for line in lines()] == ["ERROR"]


def test_a_reply_of_64_kib_with_its_head_is_not_too_much(proxy: str, tiktok: ScriptedTikTok) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 65000\r\n\r\n"
    padding = b"X-Padding: %b\r\n" % (b"a" * (65536 - 65000 - len(head) - 13))
    tiktok.next(raw(head[:-2] + padding + b"\r\n" + sized(65000)))

    assert post_to(proxy)(token_form()).status_code == 200


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 K\r\nConnection: close\r\n\r\n",
    ],
)
def test_an_answer_that_ends_with_its_connection_is_taken(proxy: str, tiktok: ScriptedTikTok, head: bytes) -> None:
    tiktok.next(raw(head + GRANTED))

    assert post_to(proxy)(token_form()).status_code == 200


STRAY_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(GRANTED) + GRANTED


def test_two_answers_in_one_read_are_refused(proxy: str, tiktok: ScriptedTikTok) -> None:
    """Nothing says which of them is for this person."""
    own = granted()
    tiktok.next(held(STRAY_ANSWER + STRAY_ANSWER), answer(own))

    assert post_to(proxy)(token_form()).json()["error"] == "server_error"
    assert post_to(proxy)(token_form()).json()["access_token"] == own["access_token"]


def test_a_late_stray_answer_does_not_reach_the_next_person(proxy: str, tiktok: ScriptedTikTok) -> None:
    own, released, sent = granted(), threading.Event(), threading.Event()

    def answer_twice(connection: socket.socket) -> None:
        connection.sendall(STRAY_ANSWER)
        released.wait(10)
        connection.sendall(STRAY_ANSWER)
        sent.set()
        connection.recv(1)

    tiktok.next(answer_twice, answer(own))

    assert post_to(proxy)(token_form()).json()["access_token"] == STRAY
    released.set()
    assert sent.wait(10)
    assert post_to(proxy)(token_form()).json()["access_token"] == own["access_token"]


def test_cookies_are_not_kept(proxy: str, tiktok: ScriptedTikTok) -> None:
    tiktok.next(answer(granted(), "200 OK", "Set-Cookie: session=1; Path=/"))

    post_to(proxy)(token_form())
    post_to(proxy)(token_form())

    assert b"cookie" not in tiktok.received[1].lower()


def test_proxies_of_the_environment_are_ignored(tiktok: ScriptedTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with local_proxy(tiktok.url) as origin:
        assert post_to(origin)(token_form()).status_code == 200


def test_where_nobody_listens_nothing_was_sent() -> None:
    with local_proxy(f"http://127.0.0.1:{free_port()}/") as origin:
        reply = post_to(origin)(token_form())

    assert (reply.status_code, reply.json()["error"]) == (503, "temporarily_unavailable")
    assert "nothing was sent" in reply.json()["error_description"]
    assert reply.headers["retry-after"] == "1"


def test_the_certificate_of_tiktok_is_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority = ThrowAwayAuthority()
    with serving(create_tiktok(TikTok()), tls=authority.server_context()) as emulated:
        url = f"{emulated}/v2/oauth/token/"
        with local_proxy(url) as stranger:
            distrusted = post_to(stranger)(token_form())
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.write_bundle(tmp_path / "roots.pem")))
        with local_proxy(url) as friend:
            trusted = post_to(friend)(token_form())

    assert (distrusted.status_code, distrusted.json()["error"]) == (503, "temporarily_unavailable")
    assert (trusted.status_code, trusted.json()["error"]) == (401, "invalid_client")


def test_other_requests_are_served_while_one_waits(tiktok: ScriptedTikTok) -> None:
    released = threading.Event()
    first, second = granted(), granted()
    tiktok.next(when(released, answer(first)), answer(second))
    with local_proxy(tiktok.url) as origin:
        replies: list[str] = []
        waiting = threading.Thread(target=lambda: replies.append(post_to(origin)(token_form()).json()["access_token"]))
        waiting.start()
        assert tiktok.asked.acquire(timeout=10)
        assert post_to(origin)(token_form()).json()["access_token"] == second["access_token"]
        released.set()
        waiting.join(10)

    assert replies == [first["access_token"]]


def test_a_failure_of_the_line_keeps_its_cause_for_the_log(tiktok: ScriptedTikTok) -> None:
    async def ask() -> None:
        upstream = TikTokClient(tiktok.url, 5)
        try:
            await upstream.post(b"code=a")
        finally:
            await upstream.close()

    tiktok.next(raw(b"nonsense"))
    with fails(Failure.UpstreamBroken) as broken:
        asyncio.run(ask())

    assert broken.value.__cause__ is not None
