"""Everything that is not the token endpoint."""

import httpx2
import pytest

from proxy_app import __version__
from tests.support.proxy.local_proxy import Lines
from tests.support.proxy.made_up import made_up, token_form
from tests.support.proxy.scripted_tiktok import ScriptedTikTok


def ask(method: str, url: str, data: dict[str, str] | None = None) -> httpx2.Response:
    reply = httpx2.request(method, url, data=data, trust_env=False)
    assert (reply.headers["cache-control"], reply.headers["pragma"]) == ("no-store", "no-cache")
    assert "server" not in reply.headers
    return reply


def test_health_is_told_without_asking_tiktok(proxy: str, tiktok: ScriptedTikTok) -> None:
    reply = ask("GET", f"{proxy}/health")

    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})
    assert tiktok.received == []


def test_the_root_says_what_this_is_and_which_version(proxy: str) -> None:
    reply = ask("GET", f"{proxy}/")

    assert reply.json() == {"name": "TikTok token proxy", "version": __version__, "token_endpoint": "/proxy/token"}
    assert "\n" not in reply.text


@pytest.mark.parametrize("path", ["/", "/health"])
def test_head_is_answered_without_a_body(proxy: str, path: str) -> None:
    reply = ask("HEAD", proxy + path)

    assert (reply.status_code, reply.content) == (200, b"")


@pytest.mark.parametrize(
    "path", ["/proxy/token/", "/proxy", "/proxy/", "/Proxy/Token", "/health/", "/healthz", "/proxy/token/x", "//"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_paths_are_not_found_and_never_redirected(proxy: str, method: str, path: str) -> None:
    reply = ask(method, proxy + path, token_form() if method == "POST" else None)

    assert (reply.status_code, reply.json()["error"]) == (404, "invalid_request")
    assert "location" not in reply.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_the_token_endpoint_takes_post_only(proxy: str, method: str, tiktok: ScriptedTikTok) -> None:
    reply = ask(method, f"{proxy}/proxy/token")

    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")
    assert tiktok.received == []


@pytest.mark.parametrize("path", ["/", "/health"])
def test_the_others_take_get_only(proxy: str, path: str) -> None:
    reply = ask("POST", proxy + path, {"a": "b"})

    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD")


def test_a_path_that_is_not_served_is_not_logged(proxy: str, lines: Lines) -> None:
    ask("GET", f"{proxy}/proxy/token/{made_up('pasted')}")

    assert [line["httpRequest"]["requestUrl"] for line in lines()] == ["(unknown)"]
