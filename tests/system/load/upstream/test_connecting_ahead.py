"""A connection opened before the first call is used, and its failure has no effect."""

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from proxy_app.early_connection import EarlyConnection
from proxy_app.tiktok_client import TikTokClient
from tests.support.upstream.cases import answers
from tests.support.upstream.judge import DEADLINE_SECONDS, asked
from tests.support.upstream.misbehaving import Misbehaving, misbehaving

_FAR_TOO_LONG_SECONDS = 5
# The program's start opens it in a thread, before there is a loop.
_BY_EITHER = pytest.mark.parametrize("by_a_thread", [False, True])


@contextmanager
def connecting(url: str, *, by_a_thread: bool) -> Generator[TikTokClient]:
    """Yield a client that is connecting to ``url``, inside a running loop."""
    client = TikTokClient(url, DEADLINE_SECONDS)
    if by_a_thread:
        with EarlyConnection(url) as early:
            client.preconnect(early)
            yield client
    else:
        client.preconnect()
        yield client


@_BY_EITHER
def test_the_first_call_takes_it(*, by_a_thread: bool) -> None:
    async def ask(url: str) -> list[str]:
        with connecting(url, by_a_thread=by_a_thread) as client:
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


@_BY_EITHER
def test_where_it_failed_the_calls_try_again(*, by_a_thread: bool) -> None:
    async def ask() -> list[str]:
        server = await asyncio.start_server(Misbehaving(act=answers).serve, "127.0.0.1", 0, start_serving=False)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with connecting(url, by_a_thread=by_a_thread) as client:
            got = [await asked(client, "first")]
            await server.start_serving()
            got.append(await asked(client, "second"))
            await client.close()
        server.close()
        return got

    assert asyncio.run(ask()) == ["UpstreamUnreachable", "act.second"]


@_BY_EITHER
@pytest.mark.parametrize("turns", range(8))
def test_closing_closes_it_however_far_it_is(turns: int, *, by_a_thread: bool) -> None:
    """Warnings of sockets that are still open are errors here."""

    async def close() -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"https://localhost:{silent.getsockname()[1]}/"
            with connecting(url, by_a_thread=by_a_thread) as client:
                for _ in range(turns):
                    await asyncio.sleep(0)
                await asyncio.wait_for(client.close(), _FAR_TOO_LONG_SECONDS)

    asyncio.run(close())


def test_one_that_is_open_too_late_is_closed_by_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings of sockets that are still open are errors here."""
    connect, may_connect = socket.create_connection, threading.Event()

    def late(address: tuple[str, int], timeout: float) -> socket.socket:
        may_connect.wait()
        return connect(address, timeout)

    monkeypatch.setattr(socket, "create_connection", late)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with EarlyConnection(f"http://127.0.0.1:{listener.getsockname()[1]}/") as early:
            pass
        may_connect.set()
        early.wait()
        with listener.accept()[0] as accepted:
            assert accepted.recv(1) == b""
    assert (early.take() or listener).fileno() == -1


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
