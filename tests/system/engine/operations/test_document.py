"""The commands of docs/operations.md do what their section says."""

import copy
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.operations.checkout import commit, git, in_checkout, in_repository
from tests.support.operations.documents import for_the_rehearsal, sections, signs_in, typed
from tests.support.operations.hand_made import BY_HAND, make_connection
from tests.support.operations.typing_commands import Shell

_NEW = "the-next-client-secret"
_NOT_RUN = {"Alerts": "a rehearsal has no gcloud; tests/system/docs/test_alert.py runs the filter on real lines"}


def blocks(section: str) -> list[str]:
    """Return a section's commands, for the stack of a rehearsal."""
    return [for_the_rehearsal(block) for block in sections("operations.md")[section]]


def test_every_command_is_run_by_a_test_here_or_is_left_out_for_a_reason() -> None:
    run_here = set(re.findall(r'blocks\("([^"]+)"\)', Path(__file__).read_text()))
    with_commands = {section for section, found in sections("operations.md").items() if found}

    assert with_commands == run_here | _NOT_RUN.keys()


def test_a_live_stack_is_asked_whether_it_works(own: Shell) -> None:
    shell = in_checkout(own)
    shell.deployed.vendors.cloud.enabled.add("run.googleapis.com")
    shell.set({"tiktokStandIn": "true"})
    shell.deployed.stack.up()
    [block] = blocks("Does it work?")

    said = typed(shell, block)

    assert "FAIL" not in said
    for fact in ("deploy without a build", "false code refused by TikTok", "sign-in"):
        assert f"ok    {fact}: " in said


def test_a_connection_made_by_hand_is_taken_over_and_given_back(own: Shell) -> None:
    shell, vendors = in_checkout(own), own.deployed.vendors
    made = make_connection(shell)
    before = copy.deepcopy(made)
    look, take, give_back = blocks("Take over a connection made by hand")

    assert "keeps its id and its users" in typed(shell, look)
    typed(shell, take)
    assert list(vendors.tenant.connections) == [BY_HAND]
    assert signs_in(shell, vendors.client_secret) == 200

    typed(shell, give_back)
    assert made == before


def test_a_secret_is_rotated_while_the_proxy_refuses_nobody(own: Shell) -> None:
    vendors = own.deployed.vendors
    app, old = vendors.tiktok.apps[vendors.client_key], vendors.client_secret
    own.deployed.stack.up()
    both, forget = blocks("Rotate TikTok's client secret")

    typed(own, both, {"clientSecret": _NEW})
    assert signs_in(own, old) == 200
    vendors.tiktok.apps[app.key] = replace(app, secret=_NEW)
    assert signs_in(own, _NEW) == 200

    typed(own, forget)
    assert (signs_in(own, old), signs_in(own, _NEW)) == (401, 200)


def test_the_proxy_is_rolled_back_to_the_commit_that_worked(own: Shell) -> None:
    shell = in_repository(own)
    good = commit(shell)
    typed(shell, "pulumi up --stack rehearsal")
    worked = typed(shell, "pulumi stack output version --stack rehearsal")
    with (shell.project / "proxy_app" / "token_request.py").open("a") as source:
        source.write("\n\ndef authenticate(*_):\n    raise ProxyError(Failure.WrongCredentials)\n")
    commit(shell)
    typed(shell, "pulumi up --stack rehearsal")
    assert signs_in(shell, shell.deployed.vendors.client_secret) == 401
    [block] = blocks("Roll the proxy back")

    typed(shell, block.replace("LAST-GOOD-COMMIT", good))

    assert git(shell, "rev-parse", "HEAD") == good
    assert typed(shell, "pulumi stack output version --stack rehearsal") == worked
    assert signs_in(shell, shell.deployed.vendors.client_secret) == 200


def test_a_stack_moves_to_another_region(own: Shell) -> None:
    own.deployed.stack.up()
    [block] = blocks("Move to another region")

    typed(own, block)

    [service] = own.deployed.vendors.cloud.services
    assert "/locations/europe-west4/" in service
    assert signs_in(own, own.deployed.vendors.client_secret) == 200


def test_a_stack_moves_to_a_custom_domain(own: Shell) -> None:
    [block] = blocks("Move to a custom domain")

    said = typed(own, block)

    assert '"redirect_uri":"https://login.example.com/login/callback"' in said.replace(" ", "")


@pytest.mark.parametrize("protected", ["true", "false"])
def test_whoever_leaves_leaves_nothing(own: Shell, protected: str) -> None:
    own.set({"protect": protected})
    own.deployed.stack.up()
    [block] = blocks("Leave")

    typed(own, block)

    cloud = own.deployed.vendors.cloud
    assert (own.deployed.vendors.tenant.connections, cloud.services, cloud.buckets) == ({}, {}, {})
    assert own.bash("pulumi stack ls --json").stdout.strip() == "[]"
