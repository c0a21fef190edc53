"""Tests of another project run inside a rehearsal, and sign in with the variables in their environment."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from rehearsal import exec_command as execution
from rehearsal.library import Registration, rehearsal
from rehearsal.runner import Interruption

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
    assert execution.run(command, {"PATH": "/usr/bin:/bin"}, Interruption()) == code


def test_a_command_that_outlives_the_signal_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(execution, "_PATIENCE_SECONDS", 0.1)
    assert _interrupted_code("trap '' INT TERM", signal.SIGINT, tmp_path) == 137


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP"])
def test_a_command_gets_the_signal_that_came(name: str, tmp_path: Path) -> None:
    assert _interrupted_code(f"trap 'exit 40' {name}", signal.Signals[f"SIG{name}"], tmp_path) == 40


def _interrupted_code(trap: str, number: signal.Signals, folder: Path) -> int:
    """Return the exit code of a shell that runs ``trap`` and then waits, once a signal has come."""
    interrupted, ready = Interruption(), folder / "ready"
    os.mkfifo(ready)

    def interrupt() -> None:
        ready.read_text()
        interrupted.number = number
        interrupted.set()

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    command = ["sh", "-c", f"{trap}; echo > {ready}; while :; do sleep 1; done"]
    # As rehearsal/__main__.py does: a shell cannot trap what was ignored when it started.
    before = signal.signal(number, signal.default_int_handler)
    try:
        return execution.run(command, {"PATH": "/usr/bin:/bin"}, interrupted)
    finally:
        signal.signal(number, before)
        interrupting.join(10)


@pytest.mark.engine
@pytest.mark.usefixtures("pulumi")
def test_sigterm_ends_the_command_with_everything_that_it_started(tmp_path: Path) -> None:
    sleep = f"sleep {80_000 + os.getpid()}"
    command = ["sh", "-c", f"{sleep} & echo started; {sleep}"]
    asked = [sys.executable, str(_PROJECT / "rehearsal"), "exec", "--quiet", "--callback", _CALLBACK, "--", *command]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    pipe = subprocess.PIPE
    with subprocess.Popen(asked, cwd=tmp_path, env=environment, stdout=pipe, stderr=pipe, text=True) as process:  # noqa: S603  # fixed arguments
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.terminate()
        _, complaints = process.communicate(timeout=100)

    assert process.returncode == 143  # 128 and SIGTERM's number, as in a shell
    assert complaints == ""
    assert list(tmp_path.iterdir()) == []
    assert not subprocess.run(["pgrep", "-f", sleep], capture_output=True, check=False).stdout  # noqa: S603, S607  # found on PATH, on every system


@pytest.mark.engine
@pytest.mark.usefixtures("pulumi")
def test_as_a_library_it_lets_a_test_decide_who_signs_in() -> None:
    with rehearsal(Registration(callbacks=[_CALLBACK])) as running:
        running.tiktok.add_person("kim", display_name="Kim")

        assert running.environment["AUTH0_CLIENT_ID"] == "rehearsal-application"
        assert httpx2.get(f"{running.environment['AUTH0_HTTP_ISSUER']}.well-known/jwks.json").status_code == 200
        truststore = running.environment["JAVA_TOOL_OPTIONS"].split("trustStore=")[1].split()[0]
        roots = load_pkcs12(Path(truststore).read_bytes(), b"changeit").additional_certs
        assert any("tiktok-login rehearsal" in root.certificate.subject.rfc4514_string() for root in roots)
