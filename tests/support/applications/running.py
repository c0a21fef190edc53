"""Applications as processes of their own, with the environment that ``python -m rehearsal exec`` gives its command."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_PROJECT = Path(__file__).parents[3]
_DEPLOY_SECONDS = 100
_START_SECONDS = 60
_SECONDS_BETWEEN_TRIES = 0.05
# Prints its environment, and ends when the test closes its standard input.
_WAIT = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"


@contextmanager
def rehearsal_environment(options: Sequence[str]) -> Generator[dict[str, str]]:
    """Run ``exec`` with ``options`` from another folder, and yield the environment of its command."""
    wait = [sys.executable, "-c", _WAIT]
    command = [sys.executable, str(_PROJECT / "rehearsal"), "exec", "--quiet", *options, "--", *wait]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, text=True) as process,  # noqa: S603  # fixed arguments
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"exec ended with {process.wait(_DEPLOY_SECONDS)}"
        try:
            yield json.loads(line)
        finally:
            process.communicate(timeout=_DEPLOY_SECONDS)
        assert process.returncode == 0


@contextmanager
def running(command: Sequence[str | Path], environment: Mapping[str, str], folder: Path, port: int) -> Generator[str]:
    """Run an application until the block ends, and yield its origin once it listens on ``port``."""
    with (
        tempfile.TemporaryFile("w+") as output,
        subprocess.Popen(  # noqa: S603  # fixed arguments
            command, cwd=folder, env={**environment, "PORT": str(port)}, stdout=output, stderr=output, process_group=0
        ) as process,
    ):
        try:
            _wait_for(process, port)
            yield f"http://localhost:{port}"
        except AssertionError as failure:
            output.seek(0)
            failure.add_note(output.read())
            raise
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # Next.js has processes of its own


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            socket.create_connection(("localhost", port), timeout=1).close()
            return
        time.sleep(_SECONDS_BETWEEN_TRIES)
    raise AssertionError(f"{process.args!r} does not listen on port {port}")
