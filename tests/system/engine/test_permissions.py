"""The documented roles of a deployer and a reader are enough, and none is superfluous."""

from dataclasses import replace

from emulators.google_cloud import Caller
from infra.permissions import DEPLOYER_ALERT_ROLES, DEPLOYER_ROLES, READER_ALERT_ROLES, READER_ROLES
from tests.support.engine.driving import Driver, nothing_is_deployed


def test_the_documented_roles_are_enough(own_world: Driver) -> None:
    cloud, deployer = own_world.vendors.cloud, Caller(roles=frozenset(DEPLOYER_ROLES))
    cloud.deployer = deployer

    own_world.up()
    with own_world.settings({"publicAccess": "all-users"}):
        own_world.up()
        cloud.deployer = Caller(roles=frozenset(READER_ROLES))
        assert own_world.preview(refresh=True) == []
        cloud.deployer = deployer
    cloud.deployer = Caller(roles=frozenset({*DEPLOYER_ROLES, *DEPLOYER_ALERT_ROLES}))
    with own_world.settings({"alertEmail": "on-call@example.com"}):
        own_world.up()
        deployer, cloud.deployer = cloud.deployer, Caller(roles=frozenset({*READER_ROLES, *READER_ALERT_ROLES}))
        assert own_world.preview(refresh=True) == []
        cloud.deployer = deployer
    own_world.destroy()

    assert nothing_is_deployed(own_world.vendors)


def test_without_any_one_of_the_roles_a_deployment_or_its_end_fails(own_world: Driver) -> None:
    cloud, deployer = own_world.vendors.cloud, own_world.vendors.cloud.deployer
    assert deployer.roles == {*DEPLOYER_ROLES, *DEPLOYER_ALERT_ROLES}
    # Each of these updates goes further than the one before it, so none is spared what its role is for.
    steps = {
        "roles/serviceusage.serviceUsageAdmin": (own_world.up, "serviceusage.services.list"),
        "roles/storage.admin": (own_world.up, "storage.buckets.create"),
        "roles/iam.serviceAccountUser": (own_world.up, "iam.serviceaccounts.actAs"),
        "roles/run.admin": (own_world.up, "run.services.create"),
        "roles/iam.serviceAccountAdmin": (own_world.destroy, "iam.serviceAccounts.delete"),
    }
    assert steps.keys() == DEPLOYER_ROLES.keys()

    for role, (command, permission) in steps.items():
        cloud.deployer = replace(deployer, roles=deployer.roles - {role})
        assert f"Permission '{permission}' denied" in own_world.refusal(command), role


def test_without_any_one_of_the_roles_for_alerts_they_cannot_be_created(own_world: Driver) -> None:
    cloud, deployer = own_world.vendors.cloud, own_world.vendors.cloud.deployer
    own_world.up()
    permissions = {
        "roles/monitoring.notificationChannelEditor": "monitoring.notificationChannels.create",
        "roles/logging.configWriter": "logging.notificationRules.create",
        "roles/monitoring.uptimeCheckConfigEditor": "monitoring.uptimeCheckConfigs.create",
        "roles/monitoring.alertPolicyEditor": "monitoring.alertPolicies.create",
    }
    assert permissions.keys() == DEPLOYER_ALERT_ROLES.keys()

    for role, permission in permissions.items():
        with own_world.settings({"alertEmail": "on-call@example.com"}):
            cloud.deployer = replace(deployer, roles=deployer.roles - {role})
            assert f"Permission '{permission}' denied" in own_world.refusal(own_world.up), role
            cloud.deployer = deployer
