"""Each recorded command, called again on the stand-in plugins."""

import pytest

from tests.support.plugins.replay import Stage, replay_scenario
from tests.support.recordings import read_lines


@pytest.mark.parametrize("name", read_lines())
def test_the_stand_ins_answer_and_request_what_the_released_plugins_did(name: str, stage: Stage) -> None:
    differences = replay_scenario(stage, name)

    assert differences.answers == []
    assert differences.requests == []
