"""How long a connection to TikTok is kept, how many are, and that all are closed at the end."""

import asyncio
import io
import ssl
from collections.abc import Callable

import pytest

from proxy_app.app import create_app
from proxy_app.settings import Settings
from proxy_app.tiktok_client import TikTokClient, trusted_roots
from tests.support.upstream.cases import answers
from tests.support.upstream.judge import asked
from tests.support.upstream.misbehaving import Misbehaving, misbehaving

_DEADLINE_SECONDS = 10
_MOST_KEPT = 32


@pytest.mark.parametrize(("idle_seconds", "connections"), [(14, 1), (16, 2)])
def test_a_connection_is_used_again_within_15_seconds(
    idle_seconds: float, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0

    async def ask(url: str) -> None:
        nonlocal now
        client = TikTokClient(url, _DEADLINE_SECONDS)
        await asked(client, "first")
        now += idle_seconds
        await asked(client, "second")
        await client.close()

    monkeypatch.setattr("proxy_app.tiktok_client.monotonic", lambda: now)
    upstream = Misbehaving(act=answers)
    with misbehaving(upstream, None) as url:
        asyncio.run(ask(url))
    assert upstream.connections == connections


def test_no_more_than_32_idle_connections_are_kept() -> None:
    many = [f"person-{number}" for number in range(40)]

    async def ask(url: str) -> None:
        client = TikTokClient(url, _DEADLINE_SECONDS)
        for _ in range(2):
            got = await asyncio.gather(*(asked(client, code) for code in many))
            assert got == [f"act.{code}" for code in many]
        await client.close()

    upstream = Misbehaving(act=answers, at=0)
    with misbehaving(upstream, None) as url:
        asyncio.run(ask(url))
    assert upstream.connections == 2 * len(many) - _MOST_KEPT


def test_the_application_closes_its_connections_when_it_ends() -> None:
    async def run(url: str, seen: Callable[[], int]) -> int:
        settings = Settings(client_key="key", secret_digests=(b"",), token_url=url)
        client = TikTokClient(url, _DEADLINE_SECONDS)
        await asked(client, "first")
        events = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

        async def receive() -> dict[str, str]:
            return next(events)

        async def send(_: object) -> None:
            """Nobody waits for this."""

        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        await create_app(settings, io.StringIO(), client)(scope, receive, send)
        await asked(client, "second")
        await client.close()
        return seen()

    upstream = Misbehaving(act=answers)
    with misbehaving(upstream, None) as url:
        assert asyncio.run(run(url, lambda: upstream.connections)) == 2


def test_tls_before_1_2_is_not_spoken() -> None:
    """OpenSSL's own defaults differ between systems."""
    assert trusted_roots().minimum_version is ssl.TLSVersion.TLSv1_2
