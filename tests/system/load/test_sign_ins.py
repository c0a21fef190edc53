"""Fifty people sign in hundreds of times at once, and each gets their own token, whatever happens to the proxy.

A whole sign-in spends most of its time in the profile script, a process of Node. So the token hop, where one person's
answer could reach another, is crowded by itself as well. All is in one file, for one chain is deployed for a file.
"""

import time
from collections import Counter

import pytest

from tests.support.load.chain import Chain
from tests.support.load.signing_in import PERSONS, lost, mistaken, signed_in, signing_in, submissions
from tests.support.load.whole_sign_ins import welcomes


def test_each_of_500_sign_ins_by_50_persons_at_once_brings_the_persons_own_token(chain: Chain) -> None:
    warm = signed_in(chain, times=4)
    resident = chain.resident_kib()

    sign_ins = signed_in(chain, times=10)

    assert Counter(each.person for each in sign_ins) == dict.fromkeys(PERSONS, 10)
    assert lost(warm + sign_ins) == []
    assert mistaken(chain, warm + sign_ins) == []
    assert submissions(chain, sign_ins) == {1: 500}
    assert len({each.token for each in sign_ins}) == 500
    assert chain.resident_kib() < 1.1 * resident


@pytest.mark.timeout(300)  # 100 processes of Node
def test_50_people_who_sign_in_twice_at_once_get_one_user_each_with_their_own_profile(chain: Chain) -> None:
    found = welcomes(chain, times=2)

    tiktok = chain.vendors.tiktok
    assert Counter((welcome.person, welcome.subject, welcome.name) for welcome in found) == {
        (name, f"oauth2|tiktok|{tiktok.union_id(chain.app, person)}", person.display_name): 2
        for name, person in tiktok.persons.items()
        if name in PERSONS
    }
    assert len(chain.vendors.tenant.users) == len(PERSONS)


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
    monkeypatch.setattr(chain.vendors.cloud.machine, "freeze_between_requests", True)
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
