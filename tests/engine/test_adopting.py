"""A connection that is there already is taken over, under its component, with its users."""

from collections.abc import Generator

import pulumi
import pytest
from pulumi.automation import PulumiCommand, PulumiFn

from infra.archive import THIS_MACHINE
from infra.program import deploy
from rehearsal.plugins import Plugins
from tests.engine.driving import CONNECTIONS, Driver, changing, driven
from tests.engine.signing_in import exchange

CONNECTION = "tiktok-connection"


@pytest.fixture
def fresh(pulumi: PulumiCommand, plugins: Plugins) -> Generator[Driver]:
    """Yield a world of its own, to which nothing was deployed."""
    with driven(pulumi, plugins) as driver:
        yield driver


def importing(connection_id: str) -> PulumiFn:
    """Return the program with ``import_`` on the connection, as somebody who adopts one writes it for one update."""

    def adopt(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.name != CONNECTION:
            return None
        opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(import_=connection_id))
        return pulumi.ResourceTransformationResult(args.props, opts)

    def program() -> None:
        pulumi.runtime.register_stack_transformation(adopt)
        deploy(THIS_MACHINE)

    return program


def test_a_connection_whose_creation_was_not_answered_is_adopted(fresh: Driver) -> None:
    fresh.world.tenant.fail_next("POST", CONNECTIONS, 502, message="Bad gateway", committed=True)
    said = fresh.refusal(fresh.up)
    assert "409 Conflict" in said
    [connection] = fresh.world.tenant.connections

    assert ("import", CONNECTION) in fresh.up(program=importing(connection))

    assert list(fresh.world.tenant.connections) == [connection]
    assert exchange(fresh, fresh.world.client_secret).status_code == 200
    assert fresh.preview() == []


def test_a_connection_made_by_hand_keeps_its_id_and_becomes_what_the_program_says(fresh: Driver) -> None:
    before = {"client_id": "by-hand", "client_secret": "made-by-hand", "tokenURL": "https://by-hand.example/token"}
