"""The preflight checks what the first deployment to Clerk needs, and refuses options that Clerk does not have."""

import json
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pulumi.automation import PulumiCommand

from operations.stack import LiveStack
from operations.verify.check import run_checks
from operations.verify.clerk import PREFLIGHT
from tests.support.clerk.driving import KEY
from tests.support.clerk.typing_on_clerk import ClerkShell, clerk_shell

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
ACCEPTED, INSTANCE, SCOPE, DRY_RUN = (check.name for check in PREFLIGHT)


@pytest.fixture(name="own", scope="module")
def undeployed_shell(pulumi: PulumiCommand) -> Generator[ClerkShell]:
    """Yield a prompt beside a stack before anything was deployed."""
    with clerk_shell(pulumi) as shell:
        yield shell


@pytest.fixture(name="planned", scope="module")
def planned_stack(own: ClerkShell) -> Generator[LiveStack]:
    """Yield that stack, as it is read by the CLI."""
    with own.entered():
        yield LiveStack.read("rehearsal", "clerk")


def failing(own: ClerkShell, stack: LiveStack) -> dict[str, str]:
    found = run_checks(PREFLIGHT, stack)
    own.driver.said.append(json.dumps([each.to_json() for each in found]))
    assert all(bool(each.remedy) is not each.holds for each in found)
    return {each.check: each.seen for each in found if not each.holds}


def having(stack: LiveStack, **settings: str) -> LiveStack:
    """Return a stack with other settings."""
    changed: Mapping[str, dict[str, Any]] = {f"tiktok-login-clerk:{key}": {"value": settings[key]} for key in settings}
    return replace(stack, config={**stack.config, **changed})


def test_a_workspace_that_is_set_up_is_ready_and_nothing_is_changed(own: ClerkShell) -> None:
    done = own.python("-m", "operations.verify", "--identity", "clerk", "rehearsal", "--preflight")

    own.driver.said.append(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [f"ok    {each.name}" for each in PREFLIGHT]
    assert own.driver.tiktok == {}


@pytest.mark.parametrize(
    ("settings", "noticed", "word"),
    [
        ({"platformKey": "ak_wrong"}, [ACCEPTED, INSTANCE, SCOPE, DRY_RUN], "status 401"),
        ({"platformKey": ""}, [ACCEPTED, INSTANCE, SCOPE, DRY_RUN], "platformKey is not set"),
        ({"application": "app_nobodys"}, [INSTANCE, SCOPE, DRY_RUN], "No application was found"),
        ({"instance": "ins_nobodys"}, [INSTANCE, SCOPE, DRY_RUN], "has no ins_nobodys instance"),
        ({"clientSecret": ""}, [DRY_RUN], "are not both set"),
    ],
)
def test_a_setting_that_does_not_fit_is_noticed(
    own: ClerkShell, planned: LiveStack, settings: dict[str, str], noticed: list[str], word: str
) -> None:
    found = failing(own, having(planned, **settings))

    assert list(found) == noticed
    assert word in found[noticed[0]]


def test_a_key_without_the_scope_is_noticed(own: ClerkShell, planned: LiveStack) -> None:
    clerk, key = own.driver.clerk, own.driver.platform_key
    before, clerk.keys[key] = clerk.keys[key], frozenset({"applications:read"})
    found = failing(own, planned)
    clerk.keys[key] = before

    assert list(found) == [SCOPE, DRY_RUN]
    assert "needs the scope applications:manage" in found[SCOPE]


def test_a_plan_without_the_feature_is_noticed(own: ClerkShell, planned: LiveStack) -> None:
    own.driver.clerk.queue_error("PATCH", 402, "Your plan does not include this connection")

    assert failing(own, planned) == {
        DRY_RUN: "Clerk refuses with status 402: Your plan does not include this connection"
    }


def test_what_is_on_before_has_to_be_adopted(own: ClerkShell, planned: LiveStack) -> None:
    own.driver.production.change({KEY: {"enabled": True, "client_id": "theirs", "client_secret": "theirs-too"}})
    found, adopting = failing(own, planned), failing(own, having(planned, adopt="true"))
    del own.driver.production.config[KEY]

    assert list(found) == [DRY_RUN]
    assert "Set adopt to true" in found[DRY_RUN]
    assert adopting == {}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Stack rehearsal has no connection at Clerk yet: pulumi up --cwd clerk --stack rehearsal.\n"),
        (["--sign-in"], "--sign-in needs a stand-in for TikTok, which a stack on Clerk cannot have"),
    ],
)
def test_what_cannot_be_asked_of_a_stack_is_refused_in_a_sentence(
    own: ClerkShell, options: list[str], sentence: str
) -> None:
    done = own.python("-m", "operations.verify", "--identity", "clerk", "rehearsal", *options)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)
