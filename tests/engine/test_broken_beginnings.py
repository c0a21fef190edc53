"""A first deployment that fails half way can be finished, or says what to do."""

from collections.abc import Generator

import pytest
from pulumi.automation import PulumiCommand

from rehearsal.plugins import Plugins
from tests.engine.driving import CONNECTIONS, Driver, changing, driven
from tests.engine.signing_in import exchange

BROKEN = "Revision 'token-proxy-rehearsal-00001-abc' is not ready and cannot serve traffic. The container ran away."


@pytest.fixture
def fresh(pulumi: PulumiCommand, plugins: Plugins) -> Generator[Driver]:
    """Yield a world of its own, to which nothing was deployed."""
    with driven(pulumi, plugins) as driver:
        yield driver


def test_a_service_that_never_became_ready_is_told_of_until_a_new_revision_works(fresh: Driver) -> None:
    fresh.world.cloud.fail_next_deployment(BROKEN)
    assert f"message: {BROKEN}" in fresh.refusal(fresh.up)

    for _ in range(2):
        said = fresh.refusal(fresh.up)
        assert f"token-proxy-rehearsal is not ready: {BROKEN}" in said
        assert "change its source or one of its settings (memory, say)" in said
    with fresh.settings({"memory": "513Mi"}):
        fresh.up()
        assert exchange(fresh, fresh.world.client_secret).status_code == 200
    assert fresh.preview(refresh=True) == []


def test_a_service_of_which_nothing_was_left_is_made_by_an_update_with_refresh(fresh: Driver) -> None:
    fresh.world.cloud.fail_next_deployment(BROKEN, leaving=False)
    assert f"message: {BROKEN}" in fresh.refusal(fresh.up)

    said = fresh.refusal(fresh.up)
    assert "resource did not exist while updating" in said
    assert "pulumi refresh" in said
    fresh.up(refresh=True)
    assert exchange(fresh, fresh.world.client_secret).status_code == 200
    assert changing(fresh.world.tenant.exchanges).count(f"POST {CONNECTIONS}") == 1
