"""The proxy as a process: how it starts, what it refuses, and how it stops."""

import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from proxy_app import __version__
from proxy_app.http_protocol import Limits
from proxy_app.server import server_config
from proxy_app.settings import LONGEST_DEADLINE_SECONDS
from tests.support.proxy.local_proxy import post_to
from tests.support.proxy.made_up import granted, token_form
from tests.support.proxy.raw_client import FORM_HEAD, connect, is_healthy, read_all
from tests.support.proxy.running_proxy import environment, run, running_proxy, start
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


def test_it_connects_to_tiktok_before_the_first_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        upstream.settimeout(10)
        with running_proxy(TIKTOK_TOKEN_URL=f"http://127.0.0.1:{upstream.getsockname()[1]}/"):
            upstream.accept()[0].close()


def test_it_connects_to_tiktok_although_nobody_has_imported_asyncio_yet() -> None:
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        upstream.settimeout(10)
        url = f"http://127.0.0.1:{upstream.getsockname()[1]}/"
        done = subprocess.run([sys.executable, "-c", _EARLY, url], capture_output=True, text=True, check=True)  # noqa: S603  # a text of this file

        assert done.stdout == "True False\n"
        upstream.accept()[0].close()


_EARLY = """
import sys
from proxy_app.__main__ import EarlyConnection

with EarlyConnection(sys.argv[1]) as early:
    early.wait()
    opened = early.take()
    print(bool(opened), "asyncio" in sys.modules)
    opened.close()
"""

_DROPPING = """
import os
from proxy_app.__main__ import main

main()
print([name for name in os.environ if name.startswith("TIKTOK_")])
"""


def test_the_secret_is_hashed_and_dropped_before_anything_is_served() -> None:
    variables = environment(HOST="192.0.2.1")  # no address of this machine, so that it ends at once
    done = subprocess.run([sys.executable, "-c", _DROPPING], env=variables, capture_output=True, text=True, check=True)  # noqa: S603  # a text of this file

    assert done.stdout == "['TIKTOK_CLIENT_KEY']\n"


def test_it_raises_its_own_limit_of_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = 256
    with ExitStack() as held:
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))
        try:
            proxy = held.enter_context(running_proxy())
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * few), hard))
        for _ in range(few):
            held.enter_context(connect(proxy.origin))

        assert is_healthy(proxy.origin)


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


@pytest.mark.parametrize("host", ["nowhere.invalid", "256.1.1.1", "192.0.2.1", "2001:db8::1"])
def test_a_host_that_is_not_this_machine_is_a_sentence_and_exit_code_1(host: str) -> None:
    code, _, errors = run(environment(HOST=host))

    assert code == 1
    assert re.fullmatch(rf"{host}:0 cannot be listened on: [A-Z][a-z ]+\.\n", errors)
    assert "nknown error" not in errors


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
    assert replies[0].headers["connection"] == "close"  # so that the client does not use it again


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


def test_a_body_that_is_not_there_when_it_stops_is_refused_and_tiktok_not_asked(tiktok: ScriptedTikTok) -> None:
    """The rest of a body and TikTok's deadline together fit into what Cloud Run gives."""
    with running_proxy(TIKTOK_TOKEN_URL=tiktok.url) as proxy, connect(proxy.origin) as connection:
        connection.sendall(FORM_HEAD + b"Content-Length: 9\r\n\r\ncode=")
        assert is_healthy(proxy.origin)
        begun = time.monotonic()

        assert proxy.stop() == 0
        answered = read_all(connection)
        assert time.monotonic() - begun < 5
    assert answered.startswith(b"HTTP/1.1 503 ")
    assert b'{"error": "temporarily_unavailable"' in answered
    assert b"\r\ncache-control: no-store\r\n" in answered
    assert tiktok.received == []


def test_the_rest_of_a_body_the_deadline_and_a_margin_fit_into_the_time_to_stop() -> None:
    """Cloud Run kills a container 10 seconds after it asked it to stop."""
    grace = server_config(PlainTextResponse("")).timeout_graceful_shutdown or 0

    assert Limits().stopping_body_seconds + LONGEST_DEADLINE_SECONDS + 0.4 <= grace <= 9.5


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_signal_during_the_start_ends_it_in_order() -> None:
    """The first process of a container would ignore a signal that it has no handler for."""
    with start(environment()) as process:
        try:
            wait_until_sigterm_is_caught(process.pid)
            process.terminate()
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.communicate()


def wait_until_sigterm_is_caught(pid: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        [caught] = re.findall(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())
        if int(caught, 16) >> signal.SIGTERM - 1 & 1:
            return
    raise AssertionError("It catches no SIGTERM.")


def wait_until_refused(origin: str) -> None:
    parts = urlsplit(origin)
    address, deadline = (parts.hostname or "", parts.port or 0), time.monotonic() + 10
    while time.monotonic() < deadline:
        # Many attempts fill the queue of connections, and the next one then waits: that is no refusal.
        with suppress(TimeoutError):
            try:
                socket.create_connection(address, timeout=1).close()
            except ConnectionError:
                return
    raise AssertionError("It still takes connections.")
