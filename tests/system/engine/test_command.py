"""``python -m rehearsal`` as a process: it prints its steps, stays up, and leaves nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from emulators.kit.serving import free_port
from rehearsal.emulated_vendors import VENDOR_PORTS

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("pulumi")]
CONTROL_CODE = re.compile(r"[\x00-\x08\x0b-\x1f]")


@contextmanager
def rehearsal(folder: Path, *arguments: str) -> Generator[subprocess.Popen[str]]:
    """Start a rehearsal in a session of its own, whose temporary files lie in ``folder``; end it for sure."""
    environment = {**os.environ, "TMPDIR": str(folder), "HOME": os.environ["HOME"], "AUTH0_DOMAIN": "not.mine.example"}
    command = [sys.executable, "-m", "rehearsal", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603  # the project's own command
        command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def until_it_stays(process: subprocess.Popen[str]) -> str:
    """Read until it says that it stays up, and return what it said."""
    assert process.stdout is not None
    assert process.stderr is not None
    said = ""
    for line in process.stdout:
        said += line
        if "stays up until Ctrl-C" in line:
            return said
    raise AssertionError(said + process.stderr.read())


def output(said: str, name: str) -> str:
    [found] = re.findall(rf"^{name} +(\S+)$", said, re.MULTILINE)
    return found


def refused(url: str) -> bool:
    try:
        httpx2.get(url, timeout=2)
    except httpx2.TransportError:
        return True
    return False


def test_once_it_shows_preview_progress_outputs_and_times_and_leaves_nothing(tmp_path: Path) -> None:
    with rehearsal(tmp_path, "--once") as process:
        said, complaints = process.communicate(timeout=100)

    assert process.returncode == 0, complaints
    assert "15 to create" in said
    assert "gcp:cloudrunv2:Service tiktok-proxy-service created" in said
    assert output(said, "proxy_url").startswith("http://127.0.0.1:")
    assert refused(output(said, "health_url"))
    assert re.search(r"left\. It took .* s: start-up .* s, .* up .* s, destroy .* s, clean-up .* s\.", said)
    assert not CONTROL_CODE.search(said)
    assert list(tmp_path.iterdir()) == []


def test_as_json_outputs_and_times_are_one_object(tmp_path: Path) -> None:
    with rehearsal(tmp_path, "--once", "--json") as process:
        said, shown = process.communicate(timeout=100)

    told = json.loads(said)
    assert told["outputs"]["connection_name"] == "tiktok"
    assert set(told["seconds"]) >= {"preview", "up", "destroy"}
    assert "tiktok-proxy-service created" in shown


def test_it_stays_until_ctrl_c_and_then_leaves_nothing(tmp_path: Path) -> None:
    with rehearsal(tmp_path) as process:
        said = until_it_stays(process)
        health = output(said, "health_url")
        assert httpx2.get(health).status_code == 200

        os.killpg(process.pid, signal.SIGINT)
        rest, complaints = process.communicate(timeout=60)

    assert process.returncode == 0, complaints
    assert "Nothing is left." in rest
    assert refused(health)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_the_engine_works_takes_away_what_it_made(tmp_path: Path) -> None:
    with rehearsal(tmp_path) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "tiktok-proxy-archives created" in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        rest, complaints = process.communicate(timeout=60)

    assert "Traceback" not in complaints, complaints
    assert "destroy" in rest
    assert list(tmp_path.iterdir()) == []


def test_a_killed_rehearsal_is_no_obstacle_to_the_next_on_the_same_ports(tmp_path: Path) -> None:
    port = free_port(adjacent=VENDOR_PORTS + 1)
    with rehearsal(tmp_path, "--port", str(port)) as process:
        health = output(until_it_stays(process), "health_url")
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)

    with rehearsal(tmp_path, "--port", str(port), "--once") as process:
        said, complaints = process.communicate(timeout=100)
    assert process.returncode == 0, complaints
    assert "Nothing is left." in said
    assert refused(health)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with rehearsal(tmp_path, "--port", str(port), "--once") as process:
            _, complaints = process.communicate(timeout=60)

    assert process.returncode == 1
    assert complaints.startswith(f"Port {port} cannot be used on this machine: ")
    assert complaints.count("\n") == 1


def test_released_plugins_that_cannot_be_had_are_named_in_a_sentence(tmp_path: Path) -> None:
    if os.environ.get("PLUGINS") == "released":
        pytest.skip("They can be had here.")
    with rehearsal(tmp_path, "--plugins", "released", "--once") as process:
        _, complaints = process.communicate(timeout=100)

    assert process.returncode == 1
    assert "The released plugin auth0 " in complaints
    assert "needs no plugin." in complaints
    assert list(tmp_path.iterdir()) == []
