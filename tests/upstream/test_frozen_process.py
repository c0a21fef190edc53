"""A proxy that was frozen, as Cloud Run freezes it between requests, and wakes to a connection that was closed."""

import os
import signal

import httpx2

from tests.proxy.made_up import token_form
from tests.proxy.running_proxy import RunningProxy, running_proxy
from tests.upstream.cases import answers, closes
from tests.upstream.misbehaving import Misbehaving, misbehaving

_ROUNDS = 100
_PATIENCE_SECONDS = 10


def test_a_hundred_wakings_to_a_closed_connection_are_a_hundred_answers() -> None:
    upstream = Misbehaving(act=answers, later=closes, at=1)
    with misbehaving(upstream, None) as url, running_proxy(TIKTOK_TOKEN_URL=url) as proxy, httpx2.Client() as client:
        got = [_round(upstream, proxy, client) for _ in range(_ROUNDS)]

    assert got == [(200, 200)] * _ROUNDS
    assert len(upstream.received) == len(set(upstream.received)) == 2 * _ROUNDS


def _round(upstream: Misbehaving, proxy: RunningProxy, client: httpx2.Client) -> tuple[int, int]:
    """Ask, freeze the proxy, let the upstream close, wake the proxy with the next request; return both statuses."""
    upstream.at = len(upstream.received) + 1
    upstream.answered.clear()
    upstream.acted.clear()
    before = client.post(f"{proxy.origin}/proxy/token", data=token_form()).status_code
    os.kill(proxy.process.pid, signal.SIGSTOP)
    upstream.answered.set()
    closed = upstream.acted.wait(_PATIENCE_SECONDS)
    os.kill(proxy.process.pid, signal.SIGCONT)
    assert closed
    return before, client.post(f"{proxy.origin}/proxy/token", data=token_form()).status_code
