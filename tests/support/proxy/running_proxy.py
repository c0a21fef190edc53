"""The proxy as a process of its own, started as a person starts it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO, cast

from tests.support.proxy.made_up import CLIENT_KEY, CLIENT_SECRET

_PATIENCE_SECONDS = 20
# Everything that any process printed.
EVERY_OUTPUT: list[str] = []


@dataclass(frozen=True)
class RunningProxy:
    """A process that serves at ``origin``; ``lines`` has what it printed after its first line."""

    process: subprocess.Popen[str]
    origin: str
    first_line: dict[str, str]
    lines: SimpleQueue[str]

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        self.process.terminate()
        return self.process.wait(_PATIENCE_SECONDS)


def environment(**changes: str) -> dict[str, str]:
    """Return an environment to run in; a change to "" leaves the variable out."""
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    settings = {"PORT": "0", "TIKTOK_CLIENT_KEY": CLIENT_KEY, "TIKTOK_CLIENT_SECRET": CLIENT_SECRET} | changes
    return inherited | {name: value for name, value in settings.items() if value}


def start(variables: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start it; nobody has looked yet whether it serves."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "proxy_app"],
        env=dict(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(variables: Mapping[str, str]) -> tuple[int, str, str]:
    """Run it to its end, and return exit code, output and errors."""
    with start(variables) as process:
        try:
            output, errors = process.communicate(timeout=_PATIENCE_SECONDS)
        finally:
            process.kill()
    EVERY_OUTPUT.extend([output, errors])
    return process.returncode, output, errors


def _read(log: IO[str], lines: SimpleQueue[str]) -> None:
    """Read to the end: a log that nobody reads fills its pipe after some 200 requests, and then the proxy waits."""
    for line in log:
        EVERY_OUTPUT.append(line)
        lines.put(line)
    lines.put("")


@contextmanager
def running_proxy(**changes: str) -> Generator[RunningProxy]:
    """Run it while the block lasts."""
    with start(environment(**changes)) as process:
        assert process.stdout
        lines = SimpleQueue[str]()
        reader = threading.Thread(target=_read, args=[process.stdout, lines])
        reader.start()
        try:
            first_line = cast("dict[str, str]", json.loads(lines.get(timeout=_PATIENCE_SECONDS)))
            yield RunningProxy(process, first_line["address"], first_line, lines)
        finally:
            process.kill()
            reader.join(_PATIENCE_SECONDS)
            EVERY_OUTPUT.extend(process.communicate(timeout=_PATIENCE_SECONDS))
