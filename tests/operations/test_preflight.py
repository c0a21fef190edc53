"""What the first deployment needs is asked for before it, and each thing that lacks has its remedy."""

from collections.abc import Callable, Generator

import pytest

from infra.verify.check import findings
from infra.verify.preflight import PREFLIGHT
from infra.verify.stack import LiveStack
from rehearsal.world import World
from tests.operations.typing_commands import Shell


@pytest.fixture(name="planned", scope="module")
def planned_stack(fresh: Shell) -> Generator[LiveStack]:
    """Yield the stack before anything was deployed."""
    with fresh.entered():
        yield LiveStack.read("rehearsal", deployed=False)


def failing(stack: LiveStack) -> dict[str, str]:
    found = findings(PREFLIGHT, stack, stack.hide)
    assert all(bool(each.remedy) is not each.holds for each in found)
    return {each.check: each.seen for each in found if not each.holds}


def test_a_new_project_and_tenant_are_ready(fresh: Shell, planned: LiveStack) -> None:
    world = fresh.deployed.world
    world.cloud.enabled.add("run.googleapis.com")
    assert failing(planned) == {}
    assert not world.cloud.services


def without_a_scope(world: World) -> Callable[[], None]:
    before = dict(world.tenant.grants)
    world.tenant.grants.update({name: scopes - {"read:connections_options"} for name, scopes in before.items()})
    return lambda: world.tenant.grants.update(before)


def unpaid(world: World) -> Callable[[], None]:
    world.cloud.billing_enabled = False
    return lambda: setattr(world.cloud, "billing_enabled", True)


def without(api: str) -> Callable[[World], Callable[[], None]]:
    def off(world: World) -> Callable[[], None]:
        world.cloud.enabled.discard(api)
        return lambda: world.cloud.enabled.add(api)

    return off


@pytest.mark.parametrize(
    ("broken", "check", "word"),
    [
        (without_a_scope, "Auth0 scopes", "lacks read:connections_options"),
        (unpaid, "billing", "Nobody pays"),
        (without("run.googleapis.com"), "deploy without a build", "run.googleapis.com"),
    ],
)
def test_what_lacks_is_noticed(
    fresh: Shell, planned: LiveStack, broken: Callable[[World], Callable[[], None]], check: str, word: str
) -> None:
    fresh.deployed.world.cloud.enabled.add("run.googleapis.com")
    mend = broken(fresh.deployed.world)
    noticed = failing(planned)
    mend()

    assert list(noticed) == [check]
    assert word in noticed[check]


def test_a_missing_permission_is_named(fresh: Shell, planned: LiveStack) -> None:
    cloud = fresh.deployed.world.cloud
    cloud.enabled.add("run.googleapis.com")
    cloud.denied_permissions.add("run.services.create")
    noticed = failing(planned)
    cloud.denied_permissions.discard("run.services.create")

    assert noticed["permissions"] == "Whoever deploys lacks run.services.create."
