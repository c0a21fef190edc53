"""Long commands with a time limit, and a line that shows a person how long they have taken."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_SECONDS_BETWEEN_LINES = 15
_TENTHS_UNTIL = 10


class CommandFailedError(Exception):
    """A command failed or took too long; the message has its last line."""


def format_duration(seconds: float) -> str:
    """Return a duration in words: 0.4 s, 12 s, 3 min 5 s."""
    if seconds < _TENTHS_UNTIL:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


class ProgressLine:
    """A line on stderr with the time that has passed: updated in place on a terminal, else repeated now and then."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._start = time.monotonic()
        self._shown = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def update(self) -> None:
        """Show the time if a whole second has passed since it was shown, or 15 without a terminal."""
        whole, terminal = int(self.elapsed), sys.stderr.isatty()
        if whole < self._shown + (1 if terminal or not self._shown else _SECONDS_BETWEEN_LINES):
            return
        start, end = ("\r", " ") if terminal else ("", "\n")
        print(f"{start}{self._label}: {format_duration(whole)}", end=end, file=sys.stderr, flush=True)
        self._shown = whole

    def end(self) -> None:
        """Go on to the next line of a terminal."""
        if self._shown and sys.stderr.isatty():
            print(file=sys.stderr)


@contextmanager
def progress_line(label: str) -> Generator[ProgressLine]:
    """Yield a line that begins with ``label``; nothing is shown before the first whole second."""
    line = ProgressLine(label)
    try:
        yield line
    finally:
        line.end()


def run(
    command: Sequence[str | Path],
    *,
    label: str,
    seconds: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run ``command`` for at most ``seconds``, with a progress line on stderr that begins with ``label``.

    Raise ``CommandFailedError`` if it fails, takes longer or cannot be started. At the end, also by Ctrl-C, every
    process that it started is killed.
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


def _wait(process: subprocess.Popen[bytes], label: str, seconds: float) -> None:
    with progress_line(label) as line:
        while process.poll() is None:
            if line.elapsed > seconds:
                raise CommandFailedError(f"it took longer than {format_duration(seconds)}")
            try:
                process.wait(min(0.2, seconds))
            except subprocess.TimeoutExpired:
                line.update()
