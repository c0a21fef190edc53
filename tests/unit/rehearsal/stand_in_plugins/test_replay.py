"""Every recorded command, called anew: the stand-ins answer the engine and ask the vendors as the released ones do."""

import pytest

from tests.support.plugins.recorded import scenario, scenarios
from tests.support.plugins.replaying import Stage, replayed

NOT_REPLAYED = {
    "28-resumable-refresh": "its exchanges were not recorded",
    "earlier/21-all-gone-then-up": "it enables APIs in batches, which a rehearsal switches off",
    "earlier/18-network-down-preview": "nothing was reachable: there are no exchanges, and Go words that its own way",
    "earlier/18-network-down-refresh": "the same",
    "earlier/18-network-down-up-patch": "the same",
    "earlier/26-first-preview-json": "its exchanges were not recorded; 01 is the same program",
    "earlier/27-tls-untrusted-preview": "no exchange came about, and Go words that its own way",
}


@pytest.mark.parametrize("name", [name for name in scenarios() if name not in NOT_REPLAYED])
def test_the_stand_ins_behave_as_the_released_plugins(name: str, stage: Stage) -> None:
    replay = replayed(stage, scenario(name, stage.places))

    assert replay.answers == []
    assert replay.requests == []
