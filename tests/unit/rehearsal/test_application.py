"""The example application finds where to sign in to a live stack, and reports what is wrong."""

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from rehearsal.application.__main__ import main
from rehearsal.application.app import create_app
from rehearsal.application.live import SignIn, SignInTargetError, sign_in_at
from rehearsal.application.oidc import Client

OUTPUTS = {"connection_name": "tiktok-dev", "tiktok_portal": {"redirect_uri": "https://login.example/login/callback"}}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the one folder that is on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def pulumi(path: Path, script: str) -> None:
    """Put a Pulumi CLI on PATH that does what ``script`` says."""
    command = path / "pulumi"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o700)


def test_a_stacks_outputs_say_where_its_people_sign_in(path: Path) -> None:
    pulumi(path, f"test \"$*\" = 'stack output --json --stack dev' && echo '{json.dumps(OUTPUTS)}'")

    assert sign_in_at("dev", {}) == SignIn(issuer="https://login.example/", connection="tiktok-dev")


def test_without_a_stack_the_environment_says_it() -> None:
    environment = {"AUTH0_DOMAIN": "example.eu.auth0.com"}

    assert sign_in_at("", environment) == SignIn(issuer="https://example.eu.auth0.com/", connection="tiktok")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'error: no stack named dev found' >&2; exit 255", "stack dev cannot be read: error: no stack named dev"),
        ("echo '{}'", "Stack dev has no connection yet: deploy it first"),
    ],
)
def test_a_stack_that_cannot_be_read_is_told_in_a_sentence(path: Path, script: str, said: str) -> None:
    pulumi(path, script)

    with pytest.raises(SignInTargetError, match=said):
        sign_in_at("dev", {})


def test_without_a_cli_or_any_place_the_sentence_says_what_to_set(path: Path) -> None:
    assert list(path.iterdir()) == []
    assert "set AUTH0_DOMAIN" in str(main(["--application", "app", "--stack", "dev"], {}))
    assert "set AUTH0_DOMAIN" in str(main(["--application", "app"], {}))


def test_an_auth0_that_cannot_be_reached_is_said_on_a_page() -> None:
    app = create_app(Client(issuer="http://127.0.0.1:9/", client_id="app"), "a session key")

    answer = TestClient(app).post("/sign-in")

    assert answer.status_code == 502
    assert "Auth0 does not answer" in answer.text
