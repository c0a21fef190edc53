"""Fifty persons sign in five hundred times, all at once, and each gets what is their own."""

from collections import Counter

from tests.load.chain import Chain
from tests.load.signing_in import PERSONS, lost, mistaken, signed_in, submissions


def test_each_of_500_sign_ins_by_50_persons_at_once_brings_the_persons_own_token(chain: Chain) -> None:
    warm = signed_in(chain, times=4)
    before = chain.resident_kib()

    sign_ins = signed_in(chain, times=10)

    assert Counter(each.person for each in sign_ins) == dict.fromkeys(PERSONS, 10)
    assert lost(warm + sign_ins) == []
    assert mistaken(chain, warm + sign_ins) == []
    assert submissions(chain, sign_ins) == {1: 500}
    assert len({each.token for each in sign_ins}) == 500
    assert chain.resident_kib() < 1.1 * before
