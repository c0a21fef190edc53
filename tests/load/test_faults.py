"""The proxy is killed, frozen, and replaced while people sign in."""

import time

import pytest

from tests.load.chain import Chain
from tests.load.signing_in import PERSONS, lost, mistaken, signed_in, signing_in, submissions


def test_a_killed_proxy_loses_the_sign_ins_inside_it_and_no_others(chain: Chain) -> None:
    with signing_in(chain, at_least=200) as sign_ins, chain.turnstile.holding(5):
        begun = time.monotonic()
        chain.kill()
        over = time.monotonic()

    inside = [each for each in sign_ins if each.began < over and each.ended > begun]
    assert set(lost(sign_ins)) <= set(inside)
    assert len(lost(sign_ins)) >= 5
    assert {each.status for each in lost(sign_ins)} == {503}
    assert mistaken(chain, sign_ins) == []
    assert submissions(chain, sign_ins).keys() <= {0, 1}


def test_a_proxy_frozen_in_the_midst_of_sign_ins_wakes_to_closed_connections_and_loses_none(chain: Chain) -> None:
    with signing_in(chain, at_least=200) as sign_ins:
        with chain.turnstile.holding(len(PERSONS)):
            chain.freeze()
        chain.turnstile.close_connections()
        chain.thaw()

    assert lost(sign_ins) == []
    assert mistaken(chain, sign_ins) == []
    assert submissions(chain, sign_ins).keys() == {1}


def test_a_proxy_frozen_between_sign_ins_wakes_to_closed_connections_and_loses_none(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain.world.cloud, "freeze_between_requests", True)
    sign_ins = signed_in(chain, times=1)
    for _ in range(3):
        chain.await_standstill()
        chain.turnstile.close_connections()
        sign_ins += signed_in(chain, times=1)

    assert lost(sign_ins) == []
    assert mistaken(chain, sign_ins) == []
    assert submissions(chain, sign_ins) == {1: 200}


def test_a_proxy_replaced_by_a_new_revision_loses_no_sign_in(chain: Chain) -> None:
    with signing_in(chain, at_least=200) as sign_ins:
        old = chain.proxy()
        chain.replace()

    assert chain.proxy() is not old
    assert not old.alive
    assert lost(sign_ins) == []
    assert mistaken(chain, sign_ins) == []
    assert submissions(chain, sign_ins).keys() == {1}
