"""``make verify`` finds each thing that can be wrong with a live stack, and says what to do."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from emulators.auth0.state import Record
from rehearsal.signing_in import CONNECTION
from rehearsal.world import APPLICATION
from tests.operations.typing_commands import Shell

Findings = dict[str, dict[str, str]]


def verify(shell: Shell, *arguments: str) -> tuple[int, Findings]:
    """Return the exit code and the findings, by check."""
    done = shell.python("-m", "infra.verify", "rehearsal", "--json", *arguments)
    assert_no_secret(shell, done.stdout + done.stderr)
    return done.returncode, {each["check"]: each for each in json.loads(done.stdout)}


def assert_no_secret(shell: Shell, said: str) -> None:
    world = shell.deployed.world
    assert all(secret not in said for secret in (world.client_secret, world.deployer_secret))


def failing(findings: Findings) -> list[str]:
    return [name for name, finding in findings.items() if not finding["holds"]]


def options(shell: Shell) -> Record:
    connection = shell.deployed.world.tenant.connection_named(CONNECTION)
    assert connection
    return connection["options"]


def test_everything_holds_on_a_stack_that_works(deployed: Shell) -> None:
    code, found = verify(deployed)

    assert failing(found) == []
    assert code == 0
    assert len(found) == 8


def test_a_person_reads_a_line_for_each_fact(deployed: Shell) -> None:
    done = deployed.python("-m", "infra.verify", "rehearsal")

    assert_no_secret(deployed, done.stdout)
    lines = done.stdout.splitlines()
    assert lines[2:4] == ["ok    health: 200.", "ok    wrong secret refused: 401 invalid_client."]
    assert len(lines) == 8


@contextmanager
def edited(shell: Shell, **changed: object) -> Generator[None]:
    """Edit the connection by hand, and undo it."""
    record = options(shell)
    before = dict(record)
    record.update(changed)
    yield
    record.clear()
    record.update(before)


@contextmanager
def switched_off(shell: Shell) -> Generator[None]:
    tenant = shell.deployed.world.tenant
    [connection] = tenant.connections
    tenant.enabled[connection].remove(APPLICATION)
    yield
    tenant.enabled[connection].append(APPLICATION)


@contextmanager
def other_secret_at_tiktok(shell: Shell) -> Generator[None]:
    world = shell.deployed.world
    app = world.tiktok.apps[world.client_key]
    world.tiktok.register_app(app.key, "another-secret", list(app.redirect_uris), scopes=list(app.scopes))
    yield
    world.tiktok.register_app(app.key, app.secret, list(app.redirect_uris), scopes=list(app.scopes))


@contextmanager
def tiktok_is_down(shell: Shell) -> Generator[None]:
    shell.deployed.world.tiktok.break_next("token", "internal_error", times=10)
    yield
    shell.deployed.world.tiktok.mend()


@contextmanager
def without_callbacks(shell: Shell) -> Generator[None]:
    client = shell.deployed.world.tenant.clients[APPLICATION]
    before, client["callbacks"] = client["callbacks"], []
    yield
    client["callbacks"] = before


SECRET_CHECK, SENT_CHECK = "false code refused by TikTok", "people are sent to TikTok"


@dataclass(frozen=True)
class Breakage:
    """What is broken, which checks notice, and a word of what they say."""

    broken: Callable[[Shell], object]
    noticed: list[str]
    word: str


BREAKAGES = {
    "edited upstream_params": Breakage(
        lambda shell: edited(shell, upstream_params={}), [SENT_CHECK, "no drift"], "client_key=None"
    ),
    "scopes with blanks": Breakage(
        lambda shell: edited(shell, scope=["user.info.basic", "user.info.profile"]),
        [SENT_CHECK, "no drift"],
        "scope=user.info.basic user.info.profile",
    ),
    "version 1 of the authorize address": Breakage(
        lambda shell: edited(shell, authorizationURL="https://www.tiktok.com/auth/authorize/"),
        [SENT_CHECK, "no drift"],
        "is sent to https://www.tiktok.com/auth/authorize/",
    ),
    "switched off": Breakage(switched_off, ["connection enabled", SENT_CHECK, "no drift"], f"is off for {APPLICATION}"),
    "another secret at TikTok": Breakage(other_secret_at_tiktok, [SECRET_CHECK], "invalid_client"),
    "TikTok is down": Breakage(tiktok_is_down, [SECRET_CHECK], "answered 50"),
    "no callback": Breakage(without_callbacks, [SENT_CHECK], "has no Allowed Callback URL"),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_what_is_broken_is_noticed_and_has_a_remedy(deployed: Shell, name: str) -> None:
    breakage = BREAKAGES[name]
    with breakage.broken(deployed):  # pyright: ignore[reportGeneralTypeIssues]  # each is a context manager
        code, found = verify(deployed)

    assert (code, failing(found)) == (1, breakage.noticed)
    assert breakage.word in found[breakage.noticed[0]]["seen"]
    assert all(found[check]["remedy"] for check in breakage.noticed)


def test_a_service_that_is_gone_is_noticed(own: Shell) -> None:
    own.deployed.stack.up()
    own.deployed.world.cloud.services.popitem()[1].close()

    code, found = verify(own)

    assert code == 1
    proxy = ["proxy reachable", "health", "wrong secret refused", SECRET_CHECK]
    assert [check for check in failing(found) if check != "no drift"] == proxy


def test_an_undeployed_stack_is_told_of_in_a_sentence(own: Shell) -> None:
    done = own.python("-m", "infra.verify", "rehearsal")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Stack rehearsal has no connection at Auth0 yet: pulumi up --stack rehearsal.\n"
