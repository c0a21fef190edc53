"""A stack that was deployed before keeps every resource when today's program is previewed."""

from rehearsal.stack import configure
from tests.support.engine.driving import Driver
from tests.support.engine.recorded_state import SETTINGS, import_recorded, recorded_names


def test_todays_program_creates_replaces_and_deletes_nothing_of_a_recorded_stack(own_world: Driver) -> None:
    configure(own_world.stack, SETTINGS)
    import_recorded(own_world)

    changes = own_world.preview()

    assert len(recorded_names()) > 20
    assert {operation for operation, _ in changes} <= {"update"}, changes
