"""The figures of a sign-in are those of whole sign-ins, hop by hop."""

import pytest

from rehearsal import figures
from tests.system.browser.conftest import Rehearsed


def test_each_hop_of_each_sign_in_is_measured(rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_WARMING", 1)

    measured = figures.measure(rehearsed.vendors, 2)

    assert len(measured.hops) == 9
    assert {len(times) for times in [measured.whole, measured.proxy, measured.rest, *measured.hops.values()]} == {2}
    assert all(0 < own < whole for own, whole in zip(measured.proxy, measured.whole, strict=True))
    assert measured.table().startswith("2 sign-ins")
