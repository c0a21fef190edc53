"""The connection of Auth0's own page is taken over without an outage, with its id, and can be given back."""

import copy
from functools import partial
from pathlib import Path

import pytest

from emulators.auth0.state import Record
from infra.archive.cache import THIS_MACHINE
from infra.program import deploy
from operations.adopt.existing_connection import find_connection
from operations.adopt.import_connection import import_connection
from operations.errors import OperationError
from operations.stack import LiveStack
from rehearsal.emulated_vendors import APPLICATION
from tests.support.engine.inline_loops import finished_loops
from tests.support.operations.typing_commands import Shell

BY_HAND, NEWCOMER = "con_0000000000ByHand", "newcomer"
# The page's script, as far as it matters: it asks for axios, and looks for the user in the wrong place.
NO_AXIOS = "It asks for axios, which Auth0's Node 18 and 22 do not have."
SCRIPT = "function(access_token, ctx, cb) { const axios = require('axios@0.22.0'); cb(null, {}); }"


@pytest.fixture(name="made")
def by_hand(own: Shell) -> Record:
    """Return the connection that somebody makes who follows https://auth0.com/docs/.../tiktok, and goes on from there.

    It is on for one of the two applications that the stack names.
    """
    vendors = own.deployed.vendors
    options = {
        "client_id": vendors.client_key,
        "client_secret": vendors.client_secret,
        "authorizationURL": "https://www.tiktok.com/auth/authorize/",
        "tokenURL": "https://example.com",
        "scope": ["user.info.basic"],
        "scripts": {"fetchUserProfile": SCRIPT},
        "upstream_params": {"client_key": {"value": vendors.client_key}, "disable_auto_auth": {"value": "1"}},
        "icon_url": "https://example.com/icon.png",
        "customHeaders": {"X-By": "hand"},
    }
    made = {"id": BY_HAND, "name": "tiktok", "strategy": "oauth2", "display_name": "Our TikTok", "options": options}
    vendors.tenant.connections[BY_HAND] = {**made, "is_domain_connection": False, "realms": ["tiktok"]}
    vendors.tenant.enabled[BY_HAND] = [APPLICATION]
    vendors.tenant.add_application(NEWCOMER, "made-up")
    assert own.bash(f"pulumi config set --path 'applications[1]' {NEWCOMER}").returncode == 0
    return vendors.tenant.connections[BY_HAND]


def test_it_is_shown_what_would_change_and_nothing_changes(own: Shell, made: Record) -> None:
    before = copy.deepcopy(made)

    done = own.python("-m", "operations.adopt", "rehearsal")

    assert done.returncode == 0, done.stderr
    tiktok = own.deployed.vendors.tiktok_origin
    assert [line.strip() for line in done.stdout.splitlines()] == [
        f"{BY_HAND} (tiktok) is taken over with its id and its users. Then pulumi up changes:",
        "display name: Our TikTok becomes TikTok.",
        "icon: https://example.com/icon.png becomes none.",
        f"authorize address: https://www.tiktok.com/auth/authorize/ becomes {tiktok}/v2/auth/authorize/.",
        "token address: https://example.com becomes the token proxy's.",
        "scope: user.info.basic becomes user.info.basic,user.info.profile.",
        f"profile script: replaced by infra/fetch_user_profile.js. {NO_AXIOS}",
        f"{NEWCOMER}: gets the button.",
        "customHeaders: is lost, for Auth0 replaces options as a whole.",
        "upstream_params.disable_auto_auth: is lost, for Auth0 replaces options as a whole.",
    ]
    assert made == before


def test_missing_upstream_params_are_told_of(own: Shell, made: Record) -> None:
    del made["options"]["upstream_params"]
    key = own.deployed.vendors.client_key
    assert f"client_key for TikTok: none becomes {key}." in own.python("-m", "operations.adopt", "rehearsal").stdout


@pytest.mark.parametrize(
    ("changed", "options", "reason"),
    [
        ({"name": "by-hand"}, [], "pulumi config set --stack rehearsal connectionName by-hand\n"),
        (
            {"options": {"authorizationURL": "https://tiktok.com.example.org/"}},
            [],
            "no connection whose authorize addr",
        ),
        ({}, ["--connection", "con_00000000000Other"], "no connection con_00000000000Other whose authorize address"),
        ({}, ["--undo", "missing.json"], "missing.json cannot be read (No such file or directory): choose the file"),
        ({}, ["--undo", "Pulumi.yaml"], "Pulumi.yaml keeps no connection: choose what --take made.\n"),
        ({}, ["--take", "no/folder.json"], "no/folder.json cannot be made (No such file or directory): choose another"),
        ({}, ["--take", "Pulumi.yaml"], "Pulumi.yaml cannot be made (File exists): choose another file.\n"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    own: Shell, made: Record, changed: Record, options: list[str], reason: str
) -> None:
    made.update(changed)

    done = own.python("-m", "operations.adopt", "rehearsal", *options)

    assert done.returncode == 1
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_two_connections_want_a_choice(own: Shell, made: Record) -> None:
    other = {**made, "id": "con_00000000000Other", "name": "other"}
    own.deployed.vendors.tenant.connections[other["id"]] = other

    undecided = own.python("-m", "operations.adopt", "rehearsal")

    assert (undecided.returncode, undecided.stdout) == (1, "")
    assert f"choose one by --connection: {BY_HAND} (tiktok), {other['id']} (other)." in undecided.stderr
    assert own.python("-m", "operations.adopt", "rehearsal", "--connection", BY_HAND).returncode == 0


def test_an_auth0_that_cannot_be_reached_is_told_of(own: Shell) -> None:
    own.bash("pulumi config set auth0:domain 127.0.0.1:9")
    unreachable = own.python("-m", "operations.adopt", "rehearsal")

    assert (unreachable.returncode, len(unreachable.stderr.splitlines())) == (1, 1)


def test_it_is_taken_as_it_is_then_set_right_and_can_be_given_back(own: Shell, made: Record, tmp_path: Path) -> None:
    tenant, kept, before = own.deployed.vendors.tenant, tmp_path / "kept.json", copy.deepcopy(made)

    with own.entered():
        stack = LiveStack.read("rehearsal")
        import_connection(stack, find_connection(stack, ""), kept, partial(deploy, THIS_MACHINE))
    assert made == before
    again = own.python("-m", "operations.adopt", "rehearsal")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == f"Stack rehearsal has connection {BY_HAND} already: pulumi up sets it right.\n"

    own.deployed.stack.up()
    assert list(tenant.connections) == [BY_HAND]
    assert made["options"]["tokenURL"].endswith("/proxy/token")
    assert tenant.enabled[BY_HAND] == [APPLICATION, NEWCOMER]
    assert own.deployed.vendors.client_secret not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0

    done = own.python("-m", "operations.adopt", "rehearsal", "--undo", str(kept))
    assert done.returncode == 0, done.stderr
    assert made == before
    assert tenant.enabled[BY_HAND] == [APPLICATION]
    twice = own.python("-m", "operations.adopt", "rehearsal", "--undo", str(kept))
    assert (twice.returncode, twice.stdout) == (1, "")
    assert twice.stderr.startswith(f"Stack rehearsal does not have {BY_HAND}: choose the stack that took it")

    own.deployed.stack.destroy()
    assert made == before
    assert tenant.enabled[BY_HAND] == [APPLICATION]


@pytest.mark.usefixtures("made")
def test_an_update_that_fails_says_whether_the_connection_is_taken(own: Shell, tmp_path: Path) -> None:
    tenant, kept = own.deployed.vendors.tenant, tmp_path / "kept.json"
    with own.entered():
        stack = LiveStack.read("rehearsal")
        connection = find_connection(stack, "")

        own.bash("pulumi config set publicAccess nobody")
        with finished_loops(), pytest.raises(OperationError, match="nothing is taken"):
            import_connection(stack, connection, kept, partial(deploy, THIS_MACHINE))
        assert not kept.exists()

        own.bash("pulumi config rm publicAccess")
        tenant.queue_error("PATCH", f"/api/v2/connections/{BY_HAND}/clients", 403, message="Not today")
        with finished_loops(), pytest.raises(OperationError, match="the connection is taken: go on by pulumi up"):
            import_connection(stack, connection, kept, partial(deploy, THIS_MACHINE))
        assert kept.exists()
