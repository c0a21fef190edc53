"""The connection of Auth0's own page is imported with its id, without an outage, and can be given back."""

import copy
import io
import sys
from collections.abc import Generator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from emulators.auth0.state import Record
from operations.adopt.__main__ import main
from rehearsal.emulated_vendors import APPLICATION
from tests.support.engine.inline_loops import finished_loops
from tests.support.operations.documents import signs_in
from tests.support.operations.hand_made import BY_HAND, NEWCOMER, make_connection
from tests.support.operations.typing_commands import Shell

STAYS = {"authentication": {"active": False}, "is_domain_connection": True, "realms": ["tiktok", "other"]}


@pytest.fixture(name="made")
def by_hand(own: Shell) -> Record:
    """Return a connection in a deployment of this test's own."""
    return make_rich_connection(own)


@pytest.fixture(name="existing")
def by_hand_of_a_file(fresh: Shell) -> Generator[Record]:
    """Yield a connection in the file's deployment, for a test that imports nothing."""
    yield make_rich_connection(fresh)
    tenant = fresh.deployed.vendors.tenant
    tenant.connections.clear()
    tenant.enabled.clear()
    del tenant.clients[NEWCOMER]


def make_rich_connection(shell: Shell) -> Record:
    """Make a connection by hand, with more than Auth0's page has."""
    made = make_connection(shell, icon_url="https://example.com/icon.png", customHeaders={"X-By": "hand"})
    made["options"]["upstream_params"]["disable_auto_auth"] = {"value": "1"}
    made.update(STAYS)
    return made


def adopt(shell: Shell, *arguments: str) -> tuple[int, str, str]:
    """Run the command in this process; tests/system/engine/operations/test_adopted_users.py types it."""
    shown, refused = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, shell.entered(), redirect_stdout(shown), redirect_stderr(refused):
        patch.setattr(sys, "argv", ["adopt", "rehearsal", *arguments])
        code = main()
    assert shell.deployed.vendors.client_secret not in shown.getvalue() + refused.getvalue()
    return code, shown.getvalue(), refused.getvalue()


def test_it_shows_what_would_change_and_changes_nothing(fresh: Shell, existing: Record) -> None:
    before = copy.deepcopy(existing)

    code, shown, said = adopt(fresh)

    assert (code, said) == (0, "")
    vendors, tiktok = fresh.deployed.vendors, fresh.deployed.vendors.tiktok_origin
    axios = "It needs axios, which Auth0's Node 18 and 22 do not have."
    read = "it was read, since it cannot be run: Cannot read properties of undefined (reading 'union_id')"
    assert [line.strip() for line in shown.splitlines()] == [
        f"Acts as application rehearsal-deployer at {vendors.domain}, by its secret.",
        f"{BY_HAND} (tiktok) keeps its id and its users. After --take, pulumi up changes:",
        "display name: Our TikTok becomes TikTok.",
        "icon: https://example.com/icon.png becomes none.",
        f"authorize address: https://www.tiktok.com/auth/authorize/ becomes {tiktok}/v2/auth/authorize/.",
        "token address: https://example.com becomes the token proxy's.",
        "scope: user.info.basic becomes user.info.basic,user.info.profile.",
        f"profile script: infra/fetch_user_profile.js replaces it. {axios}",
        f"user id: the script returns union_id ({read}).",
        f"{NEWCOMER}: gets the button.",
        "customHeaders: is lost, since Auth0 replaces options as a whole.",
        "upstream_params.disable_auto_auth: is lost, since Auth0 replaces options as a whole.",
        'authentication: stays {"active": false}.',
        "is_domain_connection: stays true.",
        'metadata: stays {"team": "growth"}.',
        'realms: stays ["tiktok", "other"].',
    ]
    assert existing == before


def test_missing_upstream_params_are_named(fresh: Shell, existing: Record) -> None:
    del existing["options"]["upstream_params"]
    key = fresh.deployed.vendors.client_key
    assert f"client_key for TikTok: none becomes {key}." in adopt(fresh)[1]


@pytest.mark.parametrize(
    ("script", "options", "reason"),
    [
        (
            "function (a, c, cb) { cb(null, {}); }",
            [],
            "It is unknown which id the profile script returns (it was read",
        ),
        ("function (a, c, cb) { cb(null, { user_id: `tiktok:${c.open_id}` }); }", [], "neither union_id nor open_id"),
        ("function (a, c, cb) { cb(null, { user_id: c.open_id }); }", ["--returns", "union_id"], "returns open_id"),
        (
            "function (a, c, cb) { cb(null, { user_id: u.union_id }); }",
            ["--returns", "open_id"],
            "--returns must name the same id or be left out",
        ),
    ],
)
def test_a_script_that_returns_another_id_is_refused(
    fresh: Shell, existing: Record, script: str, options: list[str], reason: str
) -> None:
    existing["options"]["scripts"]["fetchUserProfile"] = script
    code, _, said = adopt(fresh, *options)
    assert code == 1
    assert reason in said


def test_what_cannot_be_told_of_a_script_can_be_said(fresh: Shell, existing: Record) -> None:
    existing["options"]["scripts"] = {}
    assert adopt(fresh, "--returns", "union_id")[0] == 0
    assert adopt(fresh, "--returns", "open_id")[0] == 1


@pytest.mark.parametrize(
    ("changed", "options", "reason"),
    [
        ({"name": "by-hand"}, [], "pulumi config set --stack rehearsal connectionName by-hand\n"),
        (
            {"options": {"authorizationURL": "https://tiktok.com.example.org/"}},
            [],
            "no connection whose authorize addr",
        ),
        ({"options": {"authorizationURL": "https://nottiktok.com/"}}, [], "no connection whose authorize address"),
        ({}, ["--connection", "con_00000000000Other"], "no connection con_00000000000Other whose authorize address"),
        ({}, ["--undo", "missing.json"], "missing.json cannot be read (No such file or directory): use the file"),
        ({}, ["--undo", "Pulumi.yaml"], "Pulumi.yaml contains no connection: use the file that --take created.\n"),
        ({}, ["--take", "no/folder.json"], "no/folder.json cannot be created (No such file or directory): choose"),
        ({}, ["--take", "Pulumi.yaml"], "Pulumi.yaml cannot be created (File exists): choose another file.\n"),
        ({}, ["--forget"], "Stack rehearsal has no connection: choose another stack.\n"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    fresh: Shell, existing: Record, changed: Record, options: list[str], reason: str
) -> None:
    existing.update(changed)

    code, _, said = adopt(fresh, *options)

    assert code == 1
    assert reason in said
    assert len(said.splitlines()) == 1


def test_two_connections_want_a_choice(fresh: Shell, existing: Record) -> None:
    other = {**existing, "id": "con_00000000000Other", "name": "other"}
    fresh.deployed.vendors.tenant.connections[other["id"]] = other

    code, shown, said = adopt(fresh)

    assert (code, shown) == (1, "")
    assert f"choose one with --connection: {BY_HAND} (tiktok), {other['id']} (other)." in said
    assert adopt(fresh, "--connection", BY_HAND)[0] == 0


def test_an_auth0_that_cannot_be_reached_is_a_sentence(own: Shell) -> None:
    own.set({"auth0:domain": "127.0.0.1:9"})
    code, _, refused = adopt(own)
    assert (code, len(refused.splitlines())) == (1, 1)


def test_it_is_imported_alone_then_updated_and_restored(own: Shell, made: Record, tmp_path: Path) -> None:
    vendors, kept, before = own.deployed.vendors, tmp_path / "kept.json", copy.deepcopy(made)

    code, _, refused = adopt(own, "--take", str(kept))
    assert code == 0, refused
    assert made == before
    assert vendors.tenant.enabled[BY_HAND] == [APPLICATION]
    assert (vendors.cloud.services, vendors.cloud.buckets) == ({}, {})
    assert adopt(own) == (1, "", f"Stack rehearsal already has connection {BY_HAND}: run pulumi up to update it.\n")

    own.deployed.stack.up()
    assert list(vendors.tenant.connections) == [BY_HAND]
    assert signs_in(own, vendors.client_secret) == 200
    assert vendors.tenant.enabled[BY_HAND] == [APPLICATION, NEWCOMER]
    assert {name: made[name] for name in (*STAYS, "metadata")} == {**STAYS, "metadata": {"team": "growth"}}
    assert own.deployed.stack.preview(refresh=True).change_summary.keys() == {"same"}
    assert vendors.client_secret not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0

    made["metadata"] = {}
    code, _, refused = adopt(own, "--undo", str(kept))
    assert code == 0, refused
    assert made == before
    assert vendors.tenant.enabled[BY_HAND] == [APPLICATION]
    code, _, refused = adopt(own, "--undo", str(kept))
    assert code == 1
    assert refused.startswith(f"Stack rehearsal does not have {BY_HAND}: choose the stack that imported it")

    own.deployed.stack.destroy()
    assert made == before


def test_a_connection_whose_creation_was_not_answered_is_adopted(own: Shell, tmp_path: Path) -> None:
    tenant = own.deployed.vendors.tenant
    tenant.queue_fault("POST", "/api/v2/connections")
    with finished_loops(), pytest.raises(Exception, match="409 Conflict"):
        own.deployed.stack.up()
    [connection] = tenant.connections

    code, _, refused = adopt(own, "--take", str(tmp_path / "kept.json"))
    assert code == 0, refused
    own.deployed.stack.up()

    assert list(tenant.connections) == [connection]
    assert signs_in(own, own.deployed.vendors.client_secret) == 200


def test_an_import_that_fails_keeps_nothing(own: Shell, made: Record, tmp_path: Path) -> None:
    kept, path = tmp_path / "kept.json", f"/api/v2/connections/{made['id']}"
    own.deployed.vendors.tenant.queue_error("GET", path, 403, message="Not today")

    code, _, refused = adopt(own, "--take", str(kept))

    assert code == 1
    assert refused.startswith("The import failed: ")
    assert "Not today" in refused
    assert not kept.exists()


@pytest.mark.parametrize("protected", ["true", "false"])
def test_a_stack_that_forgets_its_connection_leaves_it_as_it_is(own: Shell, protected: str) -> None:
    tenant = own.deployed.vendors.tenant
    own.set({"protect": protected})
    own.deployed.stack.up()
    [connection] = tenant.connections
    before = copy.deepcopy((tenant.connections, tenant.enabled))

    assert adopt(own, "--forget") == (0, f"{connection} stays at Auth0 as it is, and the stack has forgotten it.\n", "")
    assert adopt(own, "--forget") == (1, "", "Stack rehearsal has no connection: choose another stack.\n")
    if protected == "false":
        own.deployed.stack.destroy()

    assert (tenant.connections, tenant.enabled) == before
