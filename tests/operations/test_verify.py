"""``make verify`` finds each thing that can be wrong with a live stack, and says what to do."""

import json
import socket
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

import pytest

from emulators.auth0.state import Record
from infra.verify.check import findings
from infra.verify.live import CHECKS
from infra.verify.stack import LiveStack
from rehearsal.signing_in import CONNECTION
from rehearsal.world import APPLICATION
from tests.operations.typing_commands import Shell

Findings = Mapping[str, Mapping[str, object]]


def verify(shell: Shell, *arguments: str) -> tuple[int, Findings]:
    """Type the command, and return the exit code and the findings, by check."""
    done = shell.python("-m", "infra.verify", "rehearsal", "--json", *arguments)
    assert_no_secret(shell, done.stdout + done.stderr)
    return done.returncode, {each["check"]: each for each in json.loads(done.stdout)}


def assert_no_secret(shell: Shell, said: str) -> None:
    world = shell.deployed.world
    assert all(secret not in said for secret in (world.client_secret, world.deployer_secret))


@pytest.fixture(name="live", scope="module")
def live_stack(deployed: Shell) -> Generator[LiveStack]:
    """Yield the deployed stack, as it is read by the CLI."""
    with deployed.entered():
        yield LiveStack.read("rehearsal")


def probed(shell: Shell, live: LiveStack) -> Findings:
    """Return the findings of every check but the slow one, which asks the engine."""
    found = {each.check: each.plain() for each in findings(CHECKS[:-1], live, live.hide)}
    assert_no_secret(shell, json.dumps(found))
    return found


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

    broken: Callable[[Shell], AbstractContextManager[None]]
    noticed: list[str]
    word: str


BREAKAGES = {
    "edited upstream_params": Breakage(
        lambda shell: edited(shell, upstream_params={}), [SENT_CHECK], "client_key=None"
    ),
    "scopes with blanks": Breakage(
        lambda shell: edited(shell, scope=["user.info.basic", "user.info.profile"]),
        [SENT_CHECK],
        "scope=user.info.basic user.info.profile",
    ),
    "version 1 of the authorize address": Breakage(
        lambda shell: edited(shell, authorizationURL="https://www.tiktok.com/auth/authorize/"),
        [SENT_CHECK],
        "is sent to https://www.tiktok.com/auth/authorize/",
    ),
    "switched off": Breakage(switched_off, ["connection enabled", SENT_CHECK], f"is off for {APPLICATION}"),
    "another secret at TikTok": Breakage(other_secret_at_tiktok, [SECRET_CHECK], "invalid_client"),
    "TikTok is down": Breakage(tiktok_is_down, [SECRET_CHECK], "answered 50"),
    "no callback": Breakage(without_callbacks, [SENT_CHECK], "has no Allowed Callback URL"),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_what_is_broken_is_noticed_and_has_a_remedy(deployed: Shell, live: LiveStack, name: str) -> None:
    breakage = BREAKAGES[name]
    with breakage.broken(deployed):
        found = probed(deployed, live)

    assert failing(found) == breakage.noticed
    assert breakage.word in str(found[breakage.noticed[0]]["seen"])
    assert all(found[check]["remedy"] for check in breakage.noticed)


def test_a_proxy_that_is_gone_is_noticed(deployed: Shell, live: LiveStack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}"
    gone = replace(live, outputs={**live.outputs, "token_proxy_url": nobody, "health_url": f"{nobody}/health"})

    found = probed(deployed, gone)

    assert failing(found) == ["proxy reachable", "health", "wrong secret refused", SECRET_CHECK]


def test_an_address_without_a_valid_certificate_is_noticed(
    deployed: Shell, live: LiveStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = replace(live, outputs={**live.outputs, "token_proxy_url": deployed.deployed.world.auth0_origin})
    assert probed(deployed, tls)["TLS"]["seen"] == "TLSv1.3 with a valid certificate."

    monkeypatch.delenv("SSL_CERT_FILE")
    assert "certificate verify failed" in str(probed(deployed, tls)["TLS"]["seen"])
    plain = replace(live, outputs={**live.outputs, "token_proxy_url": "http://proxy.invalid"})
    assert probed(deployed, plain)["TLS"]["seen"] == "The proxy's address is plain http."


def test_drift_is_noticed(deployed: Shell) -> None:
    with edited(deployed, pkce_enabled=True):
        code, found = verify(deployed)

    assert (code, failing(found)) == (1, ["no drift"])


def test_an_undeployed_stack_is_told_of_in_a_sentence(own: Shell) -> None:
    done = own.python("-m", "infra.verify", "rehearsal")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Stack rehearsal has no connection at Auth0 yet: pulumi up --stack rehearsal.\n"
