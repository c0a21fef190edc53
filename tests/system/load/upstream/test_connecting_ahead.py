"""A connection opened before the first call is used, and its failure has no effect."""

import asyncio
import socket

import pytest

from proxy_app.tiktok_client import TikTokClient
from tests.support.upstream.cases import answers
from tests.support.upstream.judge import DEADLINE_SECONDS, asked
from tests.support.upstream.misbehaving import Misbehaving, misbehaving

_FAR_TOO_LONG_SECONDS = 5


def test_the_first_call_takes_it() -> None:
    async def ask(url: str) -> list[str]:
        client = TikTokClient(url, DEADLINE_SECONDS)
        client.preconnect()
        got = [await asked(client, "first"), await asked(client, "second")]
        await client.close()
        return got

    upstream = Misbehaving(act=answers)
    with misbehaving(upstream, None) as url:
        assert asyncio.run(ask(url)) == ["act.first", "act.second"]
    assert upstream.connections == 1


def test_two_calls_at_once_do_not_share_it() -> None:
    async def ask(url: str) -> list[str]:
        client = TikTokClient(url, DEADLINE_SECONDS)
        client.preconnect()
        got = await asyncio.gather(asked(client, "first"), asked(client, "second"))
        await client.close()
        return list(got)

    upstream = Misbehaving(act=answers)
    with misbehaving(upstream, None) as url:
        assert asyncio.run(ask(url)) == ["act.first", "act.second"]
    assert upstream.connections == 2


def test_where_it_failed_the_calls_try_again() -> None:
    async def ask() -> list[str]:
        server = await asyncio.start_server(Misbehaving(act=answers).serve, "127.0.0.1", 0, start_serving=False)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        client = TikTokClient(url, DEADLINE_SECONDS)
        client.preconnect()
        got = [await asked(client, "first")]
        await server.start_serving()
        got.append(await asked(client, "second"))
        await client.close()
        server.close()
        return got

    assert asyncio.run(ask()) == ["UpstreamUnreachable", "act.second"]


@pytest.mark.parametrize("turns", range(8))
def test_closing_closes_it_however_far_it_is(turns: int) -> None:
    """Warnings of sockets that are still open are errors here."""

    async def close() -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            client = TikTokClient(f"https://localhost:{silent.getsockname()[1]}/", DEADLINE_SECONDS)
            client.preconnect()
            for _ in range(turns):
                await asyncio.sleep(0)
            await asyncio.wait_for(client.close(), _FAR_TOO_LONG_SECONDS)

    asyncio.run(close())


def test_closing_closes_it_in_the_middle_of_its_handshake() -> None:
    async def close() -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent.setblocking(False)  # noqa: FBT003  # the standard library's own
            client = TikTokClient(f"https://localhost:{silent.getsockname()[1]}/", DEADLINE_SECONDS)
            client.preconnect()
            loop = asyncio.get_running_loop()
            accepted, _ = await loop.sock_accept(silent)
            with accepted:
                assert await loop.sock_recv(accepted, 1)
                await asyncio.wait_for(client.close(), _FAR_TOO_LONG_SECONDS)
                while await loop.sock_recv(accepted, 65536):
                    pass

    asyncio.run(close())
