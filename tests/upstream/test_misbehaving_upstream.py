"""Whatever TikTok's side does: nobody gets another person's token, no code is sent twice, and nobody waits for ever."""

import asyncio
import json
import resource
import ssl
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from emulators.authority import ThrowAwayAuthority
from proxy_app.errors import ProxyError
from proxy_app.upstream import Upstream
from tests.upstream.cases import CASES, Case
from tests.upstream.misbehaving import Misbehaving, misbehaving

_DEADLINE_SECONDS = 1.0
_PATIENCE_SECONDS = 5
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
Tls = Callable[[], ssl.SSLContext | None]


@pytest.fixture(scope="module")
def authority() -> ThrowAwayAuthority:
    return ThrowAwayAuthority()


@pytest.fixture(params=["http", "https"])
def tls(
    request: pytest.FixtureRequest, authority: ThrowAwayAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[ssl.SSLContext | None]:
    """Return what to serve https with, trusted by the client, or None for http."""
    if request.param == "http":
        yield None
        return
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write_bundle(tmp_path / "roots.pem")))
    yield authority.server_context()


async def asked(client: Upstream, code: str) -> str:
    """Return the token that the holder of ``code`` gets, or the name of the error; whoever waits longer fails."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            reply = await client.post(f"code={code}".encode())
    except ProxyError as error:
        return type(error).__name__
    return json.loads(reply.body)["access_token"]


async def three_people(url: str, upstream: Misbehaving) -> list[str]:
    """Let three people ask, one after the other; the second meets the fault."""
    client = Upstream(url, _DEADLINE_SECONDS)
    try:
        got = [await asked(client, "first"), await asked(client, "second")]
        upstream.answered.set()
        if upstream.later:
            assert await asyncio.to_thread(upstream.acted.wait, _PATIENCE_SECONDS)
        return [*got, await asked(client, "third")]
    finally:
        await client.close()


@pytest.mark.parametrize("name", CASES)
def test_everybody_gets_their_own_token_or_an_error(name: str, tls: ssl.SSLContext | None) -> None:
    case: Case = CASES[name]
    upstream = Misbehaving(act=case.act, later=case.later)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with misbehaving(upstream, tls) as url:
        got = asyncio.run(three_people(url, upstream))

    assert got == ["act.first", case.error.__name__ if case.error else "act.second", "act.third"]
    assert sorted(upstream.received) == ["first", "second", "third"]
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * _MAXRSS_BYTES < 20 * 1024 * 1024


@pytest.mark.parametrize("name", ["an early hint", "HTTP/1.0 with a length"])
def test_cookies_redirects_and_connections_carry_nothing_over(name: str, tls: ssl.SSLContext | None) -> None:
    upstream = Misbehaving(act=CASES[name].act)
    with misbehaving(upstream, tls) as url:
        asyncio.run(three_people(url, upstream))

    assert len({head for head in upstream.heads if b"code" not in head}) <= 2
    assert not [head for head in upstream.heads if b"cookie" in head.lower()]


def test_an_untrusted_certificate_is_nobody_reached(authority: ThrowAwayAuthority) -> None:
    upstream = Misbehaving(act=CASES["an early hint"].act)

    async def ask(url: str) -> str:
        return await asked(Upstream(url, _DEADLINE_SECONDS), "first")

    with misbehaving(upstream, authority.server_context()) as url:
        assert asyncio.run(ask(url)) == "UpstreamUnreachable"
    assert upstream.received == []


def test_a_quiet_connection_is_used_again(tls: ssl.SSLContext | None) -> None:
    upstream = Misbehaving(act=CASES["an early hint"].act, at=99)
    with misbehaving(upstream, tls) as url:
        got = asyncio.run(three_people(url, upstream))

    assert got == ["act.first", "act.second", "act.third"]
    assert upstream.connections == 1
