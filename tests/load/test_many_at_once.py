"""Fifty persons sign in hundreds of times, all at once, and each gets what is their own.

What 500 sign-ins are put through is the token hop, where one person's answer could reach another: a whole one runs the
profile script, a process of Node for each, and 500 of those would take two cores three quarters of a minute. So a
hundred whole ones stand beside them.
"""

from collections import Counter

from tests.load.chain import Chain
from tests.load.signing_in import PERSONS, lost, mistaken, signed_in, submissions
from tests.load.whole_sign_ins import welcomes


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


def test_each_of_50_persons_who_sign_in_at_once_and_again_is_one_user_with_the_persons_own_profile(
    chain: Chain,
) -> None:
    found = welcomes(chain, times=2)

    tiktok = chain.world.tiktok
    assert Counter((welcome.person, welcome.subject, welcome.name) for welcome in found) == {
        (name, f"oauth2|tiktok|{tiktok.union_id(chain.app, person)}", person.display_name): 2
        for name, person in tiktok.persons.items()
        if name in PERSONS
    }
    assert len(chain.world.tenant.users) == len(PERSONS)
