"""A first deployment that fails half way can be finished, or reports what to do."""

from emulators.google_cloud import DeploymentFault
from tests.support.engine.driving import CONNECTIONS, Driver, changing
from tests.support.engine.signing_in import exchange

BROKEN = "Revision 'tiktok-proxy-rehearsal-00001-abc' is not ready and cannot serve traffic. The container ran away."


def test_a_service_that_never_became_ready_is_told_of_until_a_new_revision_works(own_world: Driver) -> None:
    own_world.vendors.cloud.queue_fault(DeploymentFault(message=BROKEN))
    assert f"message: {BROKEN}" in own_world.refusal(own_world.up)

    for _ in range(2):
        said = own_world.refusal(own_world.up)
        assert f"tiktok-proxy-rehearsal is not ready: {BROKEN}" in said
        assert "change its source or one of its settings (memory, say)" in said
    with own_world.settings({"memory": "513Mi"}):
        own_world.up()
        assert exchange(own_world, own_world.vendors.client_secret).status_code == 200
    assert own_world.preview(refresh=True) == []


def test_a_service_of_which_nothing_was_left_is_made_by_an_update_with_refresh(own_world: Driver) -> None:
    own_world.vendors.cloud.queue_fault(DeploymentFault(message=BROKEN, leaves_service=False))
    assert f"message: {BROKEN}" in own_world.refusal(own_world.up)

    said = own_world.refusal(own_world.up)
    assert "resource did not exist while updating" in said
    assert "pulumi refresh" in said
    own_world.up(refresh=True)
    assert exchange(own_world, own_world.vendors.client_secret).status_code == 200
    assert changing(own_world.vendors.tenant.received).count(f"POST {CONNECTIONS}") == 1
