"""A connection that is opened before anybody asks: used once it is there, and no harm where it fails."""

import asyncio
import socket

from proxy_app.dial import dial
from proxy_app.tiktok_client import Upstream
from tests.support.upstream.cases import answers
from tests.support.upstream.judge import DEADLINE_SECONDS, asked
from tests.support.upstream.misbehaving import Misbehaving, misbehaving

_FAR_TOO_LONG_SECONDS = 5


def test_the_first_call_takes_it() -> None:
    async def ask(url: str) -> list[str]:
        client = Upstream(url, DEADLINE_SECONDS)
        client.connect_ahead(dial(url, DEADLINE_SECONDS))
        got = [await asked(client, "first"), await asked(client, "second")]
        await client.close()
        return got

    upstream = Misbehaving(act=answers)
    with misbehaving(upstream, None) as url:
        assert asyncio.run(ask(url)) == ["act.first", "act.second"]
    assert upstream.connections == 1


def test_two_calls_at_once_do_not_share_it() -> None:
    async def ask(url: str) -> list[str]:
        client = Upstream(url, DEADLINE_SECONDS)
        client.connect_ahead(dial(url, DEADLINE_SECONDS))
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
        client = Upstream(url, DEADLINE_SECONDS)
        client.connect_ahead(dial(url, DEADLINE_SECONDS))
        got = [await asked(client, "first")]
        await server.start_serving()
        got.append(await asked(client, "second"))
        await client.close()
        server.close()
        return got

    assert asyncio.run(ask()) == ["UpstreamUnreachable", "act.second"]


def test_closing_does_not_wait_for_it() -> None:
    async def close() -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"https://localhost:{silent.getsockname()[1]}/"
            client = Upstream(url, DEADLINE_SECONDS)
            client.connect_ahead(dial(url, DEADLINE_SECONDS))
            await asyncio.sleep(0)
            await asyncio.wait_for(client.close(), _FAR_TOO_LONG_SECONDS)

    asyncio.run(close())
