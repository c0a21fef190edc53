"""The connection of Auth0's own page is taken over without an outage, with its id, and can be given back."""

import copy
from functools import partial
from pathlib import Path

import pytest

from emulators.auth0.state import Record
from infra.adopt.by_hand import found
from infra.adopt.taking import take
from infra.archive import THIS_MACHINE
from infra.program import deploy
from infra.verify.stack import LiveStack
from rehearsal.world import APPLICATION
from tests.operations.typing_commands import Shell

BY_HAND = "con_0000000000ByHand"
# The page's script, as far as it matters: it asks for axios, and looks for the user in the wrong place.
SCRIPT = "function(access_token, ctx, cb) { const axios = require('axios@0.22.0'); cb(null, {}); }"


@pytest.fixture(name="made")
def by_hand(own: Shell) -> Record:
    """Return the connection that somebody makes who follows https://auth0.com/docs/.../tiktok to the letter."""
    world = own.deployed.world
    options = {
        "client_id": world.client_key,
        "client_secret": world.client_secret,
        "authorizationURL": "https://www.tiktok.com/auth/authorize/",
        "tokenURL": "https://example.com",
        "scope": ["user.info.basic"],
        "scripts": {"fetchUserProfile": SCRIPT},
        "upstream_params": {"client_key": {"value": world.client_key}},
        "customHeaders": {"X-By": "hand"},
    }
    made = {"id": BY_HAND, "name": "tiktok", "strategy": "oauth2", "display_name": "TikTok", "options": options}
    world.tenant.connections[BY_HAND] = {**made, "is_domain_connection": False, "realms": ["tiktok"]}
    world.tenant.enabled[BY_HAND] = [APPLICATION]
    return world.tenant.connections[BY_HAND]


def test_it_is_shown_what_would_change_and_nothing_changes(own: Shell, made: Record) -> None:
    before = copy.deepcopy(made)

    done = own.python("-m", "infra.adopt", "rehearsal")

    assert done.returncode == 0, done.stderr
    assert f"{BY_HAND} (tiktok) is taken over with its id and its users." in done.stdout
    assert "authorize address: https://www.tiktok.com/auth/authorize/ becomes " in done.stdout
    assert "token address: https://example.com becomes the token proxy's." in done.stdout
    assert "scope: user.info.basic becomes user.info.basic,user.info.profile." in done.stdout
    assert "It asks for axios, which Auth0's Node 18 and 22 do not have." in done.stdout
    assert "customHeaders: is lost" in done.stdout
    assert own.deployed.world.client_secret not in done.stdout
    assert made == before


def test_missing_upstream_params_are_told_of(own: Shell, made: Record) -> None:
    del made["options"]["upstream_params"]
    assert "upstream_params: missing" in own.python("-m", "infra.adopt", "rehearsal").stdout


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "by-hand", "pulumi config set --stack rehearsal connectionName by-hand"),
        ("options", {"authorizationURL": "https://tiktok.com.example.org/"}, "no connection whose authorize address"),
    ],
)
def test_what_cannot_be_taken_is_refused(own: Shell, made: Record, field: str, value: object, reason: str) -> None:
    made[field] = value

    done = own.python("-m", "infra.adopt", "rehearsal")

    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr


def test_two_connections_want_a_choice(own: Shell, made: Record) -> None:
    other = {**made, "id": "con_00000000000Other", "name": "other"}
    own.deployed.world.tenant.connections[other["id"]] = other

    assert "choose one by --connection" in own.python("-m", "infra.adopt", "rehearsal").stderr
    assert own.python("-m", "infra.adopt", "rehearsal", "--connection", BY_HAND).returncode == 0


def test_it_is_taken_as_it_is_then_set_right_and_can_be_given_back(own: Shell, made: Record, tmp_path: Path) -> None:
    tenant, kept, before = own.deployed.world.tenant, tmp_path / "kept.json", copy.deepcopy(made)

    with own.entered():
        stack = LiveStack.read("rehearsal")
        take(stack, found(stack, ""), kept, partial(deploy, THIS_MACHINE))
    assert tenant.connections[BY_HAND]["options"] == before["options"]
    own.deployed.stack.up()
    assert list(tenant.connections) == [BY_HAND]
    assert tenant.connections[BY_HAND]["options"]["tokenURL"].endswith("/proxy/token")
    assert own.deployed.world.client_secret not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0

    done = own.python("-m", "infra.adopt", "rehearsal", "--undo", str(kept))
    assert done.returncode == 0, done.stderr
    assert tenant.connections[BY_HAND]["options"] == before["options"]
    own.deployed.stack.destroy()
    assert list(tenant.connections) == [BY_HAND]
    assert tenant.enabled[BY_HAND] == [APPLICATION]
