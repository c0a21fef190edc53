"""``make verify`` uses the stack's own way to log in to Auth0."""

from collections.abc import Generator
from pathlib import Path

import pytest

from operations.errors import NotPermittedError, OperationError
from operations.stack import LiveStack
from operations.verify.check import run_checks
from operations.verify.live import LIVE
from operations.verify.preflight import PREFLIGHT
from tests.support.operations import logins
from tests.support.operations.typing_commands import Shell

SCOPES = PREFLIGHT[1]


@pytest.fixture(name="live", scope="module")
def live_stack(deployed: Shell) -> Generator[LiveStack]:
    with deployed.entered():
        yield LiveStack.read("rehearsal")


def seen(live: LiveStack) -> list[str]:
    """Return what every check but the one of the engine says that does not hold."""
    found = run_checks((SCOPES, *LIVE[:-1]), live)
    return [f"{each.check}: {each.seen}" for each in found if not each.holds]


def test_a_token_of_somebodys_is_enough(deployed: Shell, live: LiveStack) -> None:
    assert seen(logins.logged_in(live, apiToken=logins.token(deployed))) == []


def test_a_token_comes_from_the_environment_too(
    deployed: Shell, live: LiveStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = logins.token(deployed)
    monkeypatch.setenv("AUTH0_API_TOKEN", token)
    stack = logins.logged_in(live)
    assert seen(stack) == []
    assert stack.redact(f"Bearer {token}") == "Bearer [secret]"


def test_a_token_that_may_not_read_is_noticed_before_the_first_deployment(deployed: Shell, live: LiveStack) -> None:
    stack = logins.logged_in(live, apiToken=logins.token(deployed, ["read:clients"]))
    [refused] = run_checks([SCOPES], stack)
    assert refused.seen.startswith("Auth0 refuses GET connections (403): Insufficient scope")


def test_the_login_of_auth0s_cli_is_enough(
    deployed: Shell, live: LiveStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    logins.cli(monkeypatch, tmp_path, logins.token(deployed))
    assert seen(logins.logged_in(live, cliLogin="true")) == []


def test_what_auth0s_cli_is_refused_is_passed_on(
    deployed: Shell, live: LiveStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stack = logins.logged_in(live, cliLogin="true")
    logins.cli(monkeypatch, tmp_path, logins.token(deployed, ["read:clients", "update:connections"]))

    with pytest.raises(
        NotPermittedError, match=r"^The Auth0 CLI refuses connections: request failed because .* lacks scope"
    ):
        stack.auth0.custom_connections()
    with pytest.raises(OperationError, match=r"^Auth0 refuses GET clients/nobody \(404\): The client does not exist"):
        stack.auth0.callbacks("nobody")
    with pytest.raises(OperationError, match=r"^Auth0 refuses PATCH connections/con_0{16} \(404\)"):
        stack.auth0.call("PATCH", "connections/con_0000000000000000", {"display_name": "TikTok"})


def test_without_auth0s_cli_its_login_is_told_of(live: LiveStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(OperationError, match=r"^auth0:cliLogin is set, but the Auth0 CLI is not on PATH: install it"):
        logins.logged_in(live, cliLogin="true").auth0.custom_connections()
