"""Somebody else's tests run inside a rehearsal, and sign in by what their environment says."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from rehearsal import exec_command as execution

_PROJECT = Path(__file__).parents[4]
_CALLBACK = "http://localhost:5000/callback"


@pytest.mark.engine
@pytest.mark.usefixtures("pulumi")
def test_a_client_of_another_library_signs_in_over_https_and_its_exit_code_is_the_rehearsals() -> None:
    command = ["sh", "-c", '"$0" -m tests.support.clients.social_auth "$1" && exit 7', sys.executable, _CALLBACK]
    asked = [sys.executable, "-m", "rehearsal", "exec", "--callback", _CALLBACK, "--", *command]

    done = subprocess.run(asked, cwd=_PROJECT, capture_output=True, text=True, timeout=100, check=False)  # noqa: S603  # fixed arguments

    assert done.returncode == 7, done.stderr
    claims = json.loads(done.stdout)
    assert claims["name"] == "Eve Elsewhere"
    assert claims["nickname"] == "eve.elsewhere"
    assert claims["iss"].startswith("https://localhost:")
    assert claims["sub"].startswith("oauth2|tiktok|")


@pytest.mark.parametrize(
    ("command", "code"),
    [(["true"], 0), (["sh", "-c", "exit 3"], 3), (["sh", "-c", "kill -9 $$"], 137), (["no-such"], 127)],
)
def test_a_command_ends_as_in_a_shell(command: Sequence[str], code: int) -> None:
    assert execution.run(command, {"PATH": "/usr/bin:/bin"}, threading.Event()) == code


def test_a_command_that_outlives_the_signal_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_PATIENCE_SECONDS", 0.1)
    ended = threading.Event()
    ended.set()

    assert execution.run(["sleep", "60"], {"PATH": "/usr/bin:/bin"}, ended) == 137
