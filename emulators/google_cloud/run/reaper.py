"""End every process that an emulator started, even if the emulator itself was killed.

This runs as a process of its own, without packages. It reads process groups from standard input; when that ends, it
kills them and removes their folder.
"""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO


def kill_group(group: int) -> None:
    """Kill a process group if it still exists."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _remove(folder: Path) -> None:
    for place, _, _ in os.walk(folder):
        Path(place).chmod(0o700)  # sources are unpacked read-only
    shutil.rmtree(folder, ignore_errors=True)


def reap(folder: Path, lines: IO[str]) -> None:
    """Read ``+group`` and ``-group`` until ``lines`` end, then kill the groups that remain and remove ``folder``."""
    groups: set[int] = set()
    for line in lines:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    for group in groups:
        kill_group(group)
    _remove(folder)


def start_reaper(folder: Path) -> subprocess.Popen[str]:
    """Start a reaper for ``folder``; it does its work when its standard input is closed."""
    command = [sys.executable, "-I", "-S", __file__, str(folder)]
    # A session of its own: Ctrl-C in a terminal must not reach it.
    return subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)  # noqa: S603  # our own file


if __name__ == "__main__":
    reap(Path(sys.argv[1]), sys.stdin)
