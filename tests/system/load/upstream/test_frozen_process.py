"""A proxy that is frozen between requests, as in Cloud Run, and resumes with a closed connection."""

import httpx2

from tests.support.proxy.made_up import token_form
from tests.support.proxy.running_proxy import running_proxy
from tests.support.upstream.frozen import closing_upstream, waking
from tests.support.upstream.misbehaving import misbehaving

_ROUNDS = 100


def test_a_hundred_wakings_to_a_closed_connection_are_a_hundred_answers() -> None:
    upstream = closing_upstream()
    with misbehaving(upstream, None) as url, running_proxy(TIKTOK_TOKEN_URL=url) as proxy, httpx2.Client() as client:

        def ask() -> int:
            return client.post(f"{proxy.origin}/proxy/token", data=token_form()).status_code

        got = [waking(upstream, proxy.process.pid, ask) for _ in range(_ROUNDS)]

    assert got == [(200, 200)] * _ROUNDS
    assert len(upstream.received) == len(set(upstream.received)) == 2 * _ROUNDS
