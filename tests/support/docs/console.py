"""Runs the ``console`` blocks of a document as a reader would, on free ports."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[3]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SECONDS = 240
_STOP_SECONDS = 15
# The packages are those that the tests run with. Otherwise make installs them again after a checkout, and says so.
_INSTALLED = "make --old-file=.venv/made --old-file=.venv/proxy --old-file=.venv/rehearsal "


@dataclass(frozen=True)
class Command:
    """What a reader types, and what the document says that it prints; one that ends in ``&`` goes on."""

    line: str
    printed: str

    @property
    def goes_on(self) -> bool:
        """Whether the document goes on while this command runs."""
        return self.line.endswith("&")


def commands(document: Path) -> list[Command]:
    """Return every command of a document's console blocks, in order; a backslash carries a line on."""
    return [found for block in _BLOCK.findall(document.read_text()) for found in _commands(block)]


def _commands(block: str) -> Generator[Command]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, printed = part.replace("\\\n", "").partition("\n")
        yield Command(re.sub(r" +", " ", line), printed.strip())


def _shell(environment: dict[str, str]) -> dict[str, str]:
    """Return this process's variables, less those by which one make speaks to another, and ``environment``."""
    own = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    return own | environment


def _with_these_packages(line: str) -> str:
    return re.sub(r"\bmake ", _INSTALLED, line)


def run(line: str, environment: dict[str, str]) -> str:
    """Return what a command prints on both streams, without the blank around it."""
    done = subprocess.run(  # noqa: S602  # the documents' own commands, as a shell reads them
        _with_these_packages(line),
        shell=True,
        cwd=PROJECT,
        env=_shell(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return done.stdout.strip()


@contextmanager
def going_on(line: str, environment: dict[str, str], lines: int) -> Generator[str]:
    """Start a command that serves, yield its first ``lines``, and stop it as Ctrl-C does."""
    process = subprocess.Popen(  # noqa: S602  # the documents' own commands, as a shell reads them
        _with_these_packages(line.removesuffix("&")),
        shell=True,
        cwd=PROJECT,
        env=_shell(environment),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        yield "".join(process.stdout.readline() for _ in range(lines)).strip()
    finally:
        os.killpg(process.pid, signal.SIGINT)
        rest = threading.Thread(target=process.communicate)
        rest.start()
        rest.join(_STOP_SECONDS)
        if rest.is_alive():
            os.killpg(process.pid, signal.SIGKILL)
            rest.join()
