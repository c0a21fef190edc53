"""The throw-away stack for real accounts is deployed, checked and removed in a rehearsal."""

import json
import sys
from dataclasses import replace
from pathlib import Path

from tests.support.operations.typing_commands import Shell

_SCRIPT = Path(__file__).parents[4] / "operations" / "verify" / "live_smoke.sh"


def test_a_throw_away_stack_is_signed_in_to_and_leaves_nothing(own: Shell) -> None:
    own.deployed.vendors.cloud.enabled.add("run.googleapis.com")
    smoke = {"LIKE": "rehearsal", "STACK": "smoke", "PYTHON": sys.executable}
    shell = replace(own, environment={**own.environment, **smoke})

    done = shell.run("bash", str(_SCRIPT))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok    deploy without a build" in done.stdout
    assert "ok    sign-in: a test person came back to the application with a code." in done.stdout
    assert "ok    no drift" in done.stdout
    vendors = own.deployed.vendors
    assert not vendors.tenant.connections
    assert not vendors.cloud.services
    assert [stack["name"] for stack in json.loads(own.bash("pulumi stack ls --json").stdout)] == ["rehearsal"]


def test_the_selected_stack_stays_selected(own: Shell) -> None:
    own.bash("pulumi stack select rehearsal")
    shell = replace(own, environment={**own.environment, "LIKE": "rehearsal", "STACK": "smoke", "PYTHON": "false"})

    assert shell.run("bash", str(_SCRIPT)).returncode == 1

    [stack] = json.loads(own.bash("pulumi stack ls --json").stdout)
    assert (stack["name"], stack["current"]) == ("rehearsal", True)


def test_without_a_stack_to_be_like_it_does_nothing(own: Shell) -> None:
    done = own.run("bash", str(_SCRIPT))

    assert done.returncode == 1
    assert "make live-smoke LIKE=dev" in done.stderr


def test_a_sign_in_without_a_person_needs_the_stand_in(own: Shell) -> None:
    own.deployed.stack.up()

    done = own.python("-m", "operations.verify", "rehearsal", "--sign-in")

    assert done.returncode == 1
    assert "FAIL  sign-in: The stack has no stand-in, so a person has to sign in." in done.stdout
