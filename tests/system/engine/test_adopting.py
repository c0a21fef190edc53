"""A connection that is there already is taken over, under its component, with its users."""

from functools import partial

from infra.archive.cache import THIS_MACHINE
from infra.program import deploy
from operations.adopt.import_connection import CONNECTION, program_with_import
from tests.support.engine.driving import CONNECTIONS, Driver
from tests.support.engine.signing_in import exchange

BY_HAND = "con_0000000000ByHand"
DEPLOY = partial(deploy, THIS_MACHINE)


def test_a_connection_whose_creation_was_not_answered_is_adopted(own_world: Driver) -> None:
    own_world.vendors.tenant.queue_fault("POST", CONNECTIONS, 502, message="Bad gateway")
    said = own_world.refusal(own_world.up)
    assert "409 Conflict" in said
    [connection] = own_world.vendors.tenant.connections

    assert ("import", CONNECTION) in own_world.up(program=program_with_import(connection, DEPLOY))

    assert list(own_world.vendors.tenant.connections) == [connection]
    assert exchange(own_world, own_world.vendors.client_secret).status_code == 200
    assert own_world.preview() == []


def test_a_connection_made_by_hand_is_adopted_as_it_is_and_then_set_right(own_world: Driver) -> None:
    tenant = own_world.vendors.tenant
    options = {"client_id": "by-hand", "client_secret": "made-by-hand", "scope": ["user.info.basic"]}
    made = {"id": BY_HAND, "name": "tiktok", "strategy": "oauth2", "display_name": "By hand", "options": options}
    tenant.connections[BY_HAND] = {**made, "is_domain_connection": False, "realms": ["tiktok"]}
    tenant.enabled[BY_HAND] = ["rehearsal-application"]

    assert ("import", CONNECTION) in own_world.up(program=program_with_import(BY_HAND, DEPLOY))
    assert ("update", CONNECTION) in own_world.up()
    assert list(tenant.connections) == [BY_HAND]
    assert tenant.enabled[BY_HAND] == ["rehearsal-application"]
    assert exchange(own_world, own_world.vendors.client_secret).status_code == 200
    assert own_world.preview(refresh=True) == []
