"""An update that fails half way says why, keeps its state whole, and leaves the rest to the next one."""

from emulators import auth0
from emulators.google_cloud import DeploymentFault
from rehearsal.stack import Secret
from tests.support.engine.driving import CONNECTIONS, Driver, changing
from tests.support.engine.signing_in import exchange

CONNECTION, SERVICE = "tiktok-connection", "tiktok-proxy-service"
DEPLOYER = "rehearsal-deployer"
BROKEN = "Revision 'tiktok-proxy-rehearsal-00002-abc' is not ready and cannot serve traffic. The container ran away."


def test_a_scope_that_auth0_misses_is_named_and_nobody_is_locked_out(deployed: Driver) -> None:
    tenant, old = deployed.vendors.tenant, deployed.vendors.client_secret
    held = tenant.grants[DEPLOYER]
    with deployed.settings({"clientSecret": Secret("secret-after-403"), "previousClientSecret": Secret(old)}):
        tenant.grants[DEPLOYER] = held - {"update:connections"}
        said = deployed.refusal(deployed.up)
        tenant.grants[DEPLOYER] = held

        assert "403 Forbidden: Insufficient scope, expected any of: update:connections" in said
        assert exchange(deployed, old).status_code == 200
        assert deployed.up() == [("update", CONNECTION)]
        [connection] = tenant.connections.values()
        assert connection["options"]["client_secret"] == "secret-after-403"
        assert deployed.preview() == []


def test_an_update_waits_where_auth0_says_that_it_is_asked_too_often(deployed: Driver) -> None:
    deployed.vendors.tenant.queue_error("PATCH", f"{CONNECTIONS}/*", 429, reset_in=1)
    before = len(deployed.vendors.tenant.received)
    with deployed.settings({"displayName": "After 429"}):
        assert deployed.up() == [("update", CONNECTION)]

        patches = changing(deployed.vendors.tenant.received[before:], CONNECTIONS)
        assert len(patches) == 2
        assert len(set(patches)) == 1


def test_an_update_fits_the_limits_of_auth0s_free_plan(deployed: Driver) -> None:
    tenant = deployed.vendors.tenant
    before = len(tenant.received)
    tenant.rate_limits.plan = auth0.FREE_PLAN
    try:
        with deployed.settings({"displayName": "After the limit"}):
            assert deployed.up() == [("update", CONNECTION)]
    finally:
        tenant.rate_limits.plan = auth0.NO_LIMITS

    assert 429 in [exchange.status for exchange in tenant.received[before:]]


def test_auth0_out_of_order_is_named_and_the_next_update_finishes(deployed: Driver) -> None:
    for _ in range(4):
        deployed.vendors.tenant.queue_error("PATCH", f"{CONNECTIONS}/*", 500, message="Out of order")
    with deployed.settings({"displayName": "After 500"}):
        said = deployed.refusal(deployed.up)
        deployed.vendors.tenant.clear_faults()

        assert "500 Internal Server Error: Out of order" in said
        assert CONNECTION in deployed.resources()
        assert deployed.up() == [("update", CONNECTION)]
        assert deployed.preview() == []


def test_a_revision_that_breaks_leaves_the_old_one_serving_until_a_new_one_works(deployed: Driver) -> None:
    old = deployed.vendors.client_secret
    deployed.vendors.cloud.queue_fault(DeploymentFault(message=BROKEN))
    with deployed.settings({"clientSecret": Secret("secret-after-break"), "previousClientSecret": Secret(old)}):
        assert f"message: {BROKEN}" in deployed.refusal(deployed.up)
        assert f"tiktok-proxy-rehearsal is not ready: {BROKEN}" in deployed.refusal(deployed.up)
        assert exchange(deployed, old).status_code == 200

        with deployed.settings({"memory": "513Mi"}):
            assert ("update", SERVICE) in deployed.preview()
            assert sorted(deployed.up()) == [("update", CONNECTION), ("update", SERVICE)]
            assert exchange(deployed, old).status_code == 200
            assert deployed.preview(refresh=True) == []
