"""`python -m emulators.auth0`, as a person runs it."""

import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import httpx2
import pytest

COMMAND = [sys.executable, "-m", "emulators.auth0"]
APPLICATION = ["--application", "app:app-secret:http://localhost:3000/callback"]
FREE_PORTS = ["--port", "0", "--login-port", "0"]


@contextmanager
def started(*arguments: str) -> Generator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run the command and yield its process with the addresses that it prints."""
    with subprocess.Popen([*COMMAND, *FREE_PORTS, *arguments], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own
        try:
            assert process.stdout
            printed = "".join(process.stdout.readline() for _ in range(4))
            assert "app-secret" not in printed
            found = re.search(
                r"(?P<management>https://\S+) .*SSL_CERT_FILE=(?P<bundle>\S+)\)\s+login +(?P<login>\S+)", printed
            )
            assert found, printed
            yield process, found.groupdict()
        finally:
            process.kill()


def test_a_deployer_reaches_the_management_api_by_https_and_a_person_the_login_by_http() -> None:
    with started(*APPLICATION, "--deployer", "deployer:deployer-secret") as (_, printed):
        host = printed["management"].removesuffix("api/v2/")
        form = {"grant_type": "client_credentials", "audience": printed["management"]}
        with httpx2.Client(verify=ssl.create_default_context(cafile=printed["bundle"])) as client:
            token = client.post(f"{host}oauth/token", data=form, auth=("deployer", "deployer-secret")).json()
            headers = {"authorization": f"Bearer {token['access_token']}"}
            application = client.get(f"{printed['management']}clients/app", headers=headers).json()
        issuer = httpx2.get(f"{printed['login']}.well-known/openid-configuration").json()["issuer"]

    assert application["callbacks"] == ["http://localhost:3000/callback"]
    assert issuer == printed["login"]


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly(ended_by: signal.Signals) -> None:
    with started(*APPLICATION) as (process, _):
        process.send_signal(ended_by)

        assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--application", "app:app-secret"], "--application takes ID:SECRET:CALLBACK"),
        (["--application", "app:app-secret:localhost"], "--application app needs a callback"),
        (["--deployer", "deployer"], "--deployer takes ID:SECRET"),
        (["--port", "70000"], "argument --port: invalid port value: '70000'"),
        (["--surprise"], "unrecognized arguments: --surprise"),
    ],
)
def test_wrong_arguments_are_refused_in_one_sentence(arguments: list[str], said: str) -> None:
    ended = subprocess.run([*COMMAND, *FREE_PORTS, *arguments], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603  # our own

    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "app-secret" not in ended.stderr


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603  # our own

    assert ended.returncode == 2
    assert port in ended.stderr
    assert "in use" in ended.stderr
    assert ended.stderr.count("\n") == 1
