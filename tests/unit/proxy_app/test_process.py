"""The proxy as a process: how it starts, what it refuses, and how it stops."""

import socket
import threading
import time
from urllib.parse import urlsplit

import httpx2
import pytest

from proxy_app import __version__
from tests.support.proxy.local_proxy import post_to
from tests.support.proxy.made_up import granted, token_form
from tests.support.proxy.running_proxy import environment, run, running_proxy
from tests.support.proxy.scripted_tiktok import ScriptedTikTok, answer, silence, when


def test_its_first_line_says_address_and_version() -> None:
    with running_proxy() as proxy:
        assert proxy.first_line == {
            "severity": "INFO",
            "message": f"Token proxy {__version__} listens on {proxy.origin}",
            "address": proxy.origin,
            "version": __version__,
        }
        assert httpx2.get(f"{proxy.origin}/health", trust_env=False).headers.get("server") is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::1", "localhost"])  # noqa: S104  # as in a container
def test_it_listens_where_it_is_told_to(host: str) -> None:
    with running_proxy(HOST=host) as proxy:
        assert httpx2.get(f"{proxy.origin}/health", trust_env=False).status_code == 200


def test_every_wrong_setting_is_a_sentence_and_exit_code_2() -> None:
    code, output, errors = run(environment(PORT="x", TIKTOK_CLIENT_KEY="", TIKTOK_DEADLINE_SECONDS="x"))

    assert (code, output) == (2, "")
    assert [line.split()[0] for line in errors.splitlines()] == ["TIKTOK_CLIENT_KEY", "PORT", "TIKTOK_DEADLINE_SECONDS"]


def test_a_bundle_that_cannot_be_read_is_a_sentence_and_exit_code_2() -> None:
    code, output, errors = run(environment(SSL_CERT_FILE="/nowhere.pem"))

    assert (code, output) == (2, "")
    assert errors.startswith("SSL_CERT_FILE ")
    assert errors.count("\n") == 1


def test_a_busy_port_is_a_sentence_and_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, output, errors = run(environment(PORT=str(port)))

    assert (code, output) == (1, "")
    assert errors == f"127.0.0.1:{port} cannot be listened on: Address already in use.\n"


def test_a_host_that_is_not_this_machine_is_a_sentence_and_exit_code_1() -> None:
    code, _, errors = run(environment(HOST="nowhere.invalid"))

    assert code == 1
    assert errors.startswith("nowhere.invalid:0 cannot be listened on: ")


@pytest.mark.parametrize("interrupt", [False, True], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_an_idle_process_at_once(interrupt: bool) -> None:  # noqa: FBT001  # a parameter of pytest's
    with running_proxy() as proxy:
        httpx2.get(f"{proxy.origin}/health", trust_env=False)
        if interrupt:
            proxy.process.send_signal(2)
        begun = time.monotonic()

        assert proxy.stop() == 0
        assert time.monotonic() - begun < 5


def test_what_is_under_way_is_finished_before_it_stops(tiktok: ScriptedTikTok) -> None:
    released, own = threading.Event(), granted()
    tiktok.next(when(released, answer(own)))
    replies: list[httpx2.Response] = []
    with running_proxy(TIKTOK_TOKEN_URL=tiktok.url) as proxy:
        waiting = threading.Thread(target=lambda: replies.append(post_to(proxy.origin)(token_form())))
        waiting.start()
        assert tiktok.asked.acquire(timeout=10)
        proxy.process.terminate()
        wait_until_refused(proxy.origin)
        released.set()
        waiting.join(10)

        assert proxy.process.wait(10) == 0
    assert [(reply.status_code, reply.json()["access_token"]) for reply in replies] == [(200, own["access_token"])]


def test_it_stops_within_ten_seconds_whatever_is_under_way(tiktok: ScriptedTikTok) -> None:
    tiktok.next(silence)
    with running_proxy(TIKTOK_TOKEN_URL=tiktok.url, TIKTOK_DEADLINE_SECONDS="8") as proxy:
        statuses: list[int] = []
        waiting = threading.Thread(
            target=lambda: statuses.append(
                httpx2.post(f"{proxy.origin}/proxy/token", data=token_form(), trust_env=False, timeout=20).status_code
            )
        )
        waiting.start()
        assert tiktok.asked.acquire(timeout=10)
        begun = time.monotonic()

        assert proxy.stop() == 0
        assert time.monotonic() - begun < 10
        waiting.join(10)
    assert len(statuses) == 1
    assert statuses[0] >= 500


def wait_until_refused(origin: str) -> None:
    parts = urlsplit(origin)
    address, deadline = (parts.hostname or "", parts.port or 0), time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(address, timeout=1).close()
        except ConnectionError:
            return
    raise AssertionError("It still takes connections.")
