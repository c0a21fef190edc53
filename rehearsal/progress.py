"""Long commands that are run to their end, within a time, while a person sees how long they take."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_SECONDS_BETWEEN_LINES = 15


class CommandFailedError(Exception):
    """A command ended with an error, or did not end in time; the message says which, and its last line."""


def format_duration(seconds: float) -> str:
    """Say a duration as a person would: 0.4 s, 12 s, 3 min 5 s."""
    if seconds < 10:  # noqa: PLR2004  # below ten seconds tenths are of interest
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _show(label: str, elapsed: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{label}: {format_duration(elapsed)} ", end="", file=sys.stderr, flush=True)
    elif elapsed % _SECONDS_BETWEEN_LINES == 0:
        print(f"{label}: {format_duration(elapsed)}", file=sys.stderr, flush=True)


def _wait(process: subprocess.Popen[bytes], label: str, seconds: float) -> None:
    start = time.monotonic()
    shown = False
    while process.poll() is None:
        elapsed = time.monotonic() - start
        if elapsed > seconds:
            raise CommandFailedError(f"it took longer than {format_duration(seconds)}")
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            _show(label, round(elapsed) + 1)
            shown = True
    if shown and sys.stderr.isatty():
        print(file=sys.stderr)


def run(
    command: Sequence[str | Path],
    *,
    label: str,
    seconds: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run ``command``, at most ``seconds``, under a progress line on stderr that begins with ``label``.

    A command that fails, takes longer or cannot be started raises ``CommandFailedError``; its children are killed.
    """
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(  # noqa: S603  # the commands are the rehearsal's own
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except OSError as error:
            raise CommandFailedError(str(error)) from error
        with process:
            try:
                _wait(process, label, seconds)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
        if process.returncode:
            output.seek(0)
            lines = output.read().decode(errors="replace").strip().splitlines()
            raise CommandFailedError(lines[-1] if lines else f"exit code {process.returncode}")
