"""``make verify`` finds each thing that can be wrong with a live stack on Clerk, and says what to do."""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest
from pulumi.automation import PulumiCommand

from operations.stack import LiveStack
from operations.verify.check import run_checks
from operations.verify.clerk import LIVE
from tests.support.clerk.driving import KEY
from tests.support.clerk.typing_on_clerk import ClerkShell, clerk_shell, known_to_tiktok

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
Findings = Mapping[str, Mapping[str, object]]


@pytest.fixture(name="deployed", scope="module")
def deployed_shell(pulumi: PulumiCommand) -> Generator[ClerkShell]:
    """Yield a prompt beside a stack that was deployed; what a test breaks it mends."""
    with clerk_shell(pulumi) as shell:
        shell.driver.up()
        yield shell


@pytest.fixture(name="live", scope="module")
def live_stack(deployed: ClerkShell) -> Generator[LiveStack]:
    """Yield the deployed stack, as it is read by the CLI."""
    with deployed.entered():
        yield LiveStack.read("rehearsal", "clerk")


def verify(shell: ClerkShell, *arguments: str) -> tuple[int, Findings]:
    """Type the command, and return the exit code and the findings, by check."""
    done = shell.python("-m", "operations.verify", "--identity", "clerk", "rehearsal", "--json", *arguments)
    shell.driver.said.append(done.stdout + done.stderr)
    return done.returncode, {each["check"]: each for each in json.loads(done.stdout)}


def failing(found: Findings) -> list[str]:
    assert all(bool(each["remedy"]) is not each["holds"] for each in found.values())
    return [name for name, each in found.items() if not each["holds"]]


def test_everything_holds_on_a_stack_that_works(deployed: ClerkShell) -> None:
    code, found = verify(deployed)

    assert failing(found) == []
    assert code == 0
    assert list(found) == [check.name for check in LIVE]
    assert found["people are offered TikTok"]["seen"] == "oauth_tiktok, to sign in by."


@contextmanager
def edited(shell: ClerkShell, **members: object) -> Generator[None]:
    before = dict(shell.driver.tiktok)
    shell.driver.production.change({KEY: members})
    yield
    shell.driver.production.config[KEY] = before


@contextmanager
def no_production(shell: ClerkShell) -> Generator[None]:
    instance = shell.driver.application.instances.pop("production")
    yield
    shell.driver.application.instances["production"] = instance


@contextmanager
def elsewhere(shell: ClerkShell) -> Generator[None]:
    shell.driver.production.host = "clerk.example.org"
    yield
    shell.driver.production.host = shell.frontend


@contextmanager
def another_instance_answers(shell: ClerkShell) -> Generator[None]:
    """Let the domain lead to the development instance, in which nobody turned TikTok on."""
    development = shell.driver.application.instances["development"]
    before, development.host = development.host, shell.frontend
    yield
    development.host = before


@contextmanager
def not_trusted(_shell: ClerkShell) -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE")
        yield


@contextmanager
def other_secret_at_tiktok(shell: ClerkShell) -> Generator[None]:
    known_to_tiktok(shell, "another-secret")
    yield
    known_to_tiktok(shell, shell.driver.client_secret)


@contextmanager
def revoked(shell: ClerkShell) -> Generator[None]:
    scopes = shell.driver.clerk.keys.pop(shell.driver.platform_key)
    yield
    shell.driver.clerk.keys[shell.driver.platform_key] = scopes


INSTANCE, URI, ON, KEYS = "application and instance", "redirect URI", "TikTok is on", "client key"
FRONTEND, OFFERED, CODE = "Frontend API", "people are offered TikTok", "false code refused by TikTok"


@dataclass(frozen=True)
class Breakage:
    """What is broken, which checks notice, and a word of what the first says."""

    broken: Callable[[ClerkShell], AbstractContextManager[None]]
    noticed: list[str]
    word: str


BREAKAGES = {
    "platform key revoked": Breakage(revoked, [INSTANCE, URI, ON, KEYS], "status 401"),
    "turned off": Breakage(lambda shell: edited(shell, enabled=False), [ON, OFFERED], "it is off"),
    "another client key": Breakage(lambda shell: edited(shell, client_id="theirs"), [KEYS], "Clerk sends theirs"),
    "not to sign in by": Breakage(lambda shell: edited(shell, authenticatable=False), [OFFERED], "not to sign in by"),
    "another domain": Breakage(elsewhere, [URI, FRONTEND, OFFERED], "clerk.example.org/v1/oauth_callback"),
    "another instance answers": Breakage(
        another_instance_answers, [FRONTEND, OFFERED], "It belongs to a development instance"
    ),
    "no valid certificate": Breakage(not_trusted, [FRONTEND, OFFERED], "certificate verify failed"),
    "another secret at TikTok": Breakage(other_secret_at_tiktok, [CODE], "invalid_client"),
    "no production instance": Breakage(
        no_production, [INSTANCE, URI, ON, KEYS, FRONTEND, OFFERED], "has no production instance"
    ),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_what_is_broken_is_noticed_and_has_a_remedy(deployed: ClerkShell, live: LiveStack, name: str) -> None:
    breakage = BREAKAGES[name]
    with breakage.broken(deployed):
        found = {each.check: each.to_json() for each in run_checks(LIVE[:-1], live)}
    deployed.driver.said.append(json.dumps(found))

    assert failing(found) == breakage.noticed
    assert breakage.word in str(found[breakage.noticed[0]]["seen"])


def test_drift_is_noticed(deployed: ClerkShell) -> None:
    with edited(deployed, client_id="theirs"):
        code, found = verify(deployed)

    assert (code, failing(found)) == (1, [KEYS, "no drift"])
