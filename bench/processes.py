"""Processes that run on one core until a ``with`` block ends, and what they use (Linux)."""

import os
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.stacks import ROOT

_TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
_PATIENCE_SECONDS = 10
_KIB = 1024


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """Return what runs ``command`` on one core only."""
    return ["taskset", "--cpu-list", str(core), *command]


@contextmanager
def started(
    core: int,
    command: Sequence[str],
    environment: Mapping[str, str],
    output: int = subprocess.DEVNULL,
    folder: Path = ROOT,
) -> Generator[subprocess.Popen[str]]:
    """Run ``command`` in ``folder`` on one core, with little of this environment, while the block lasts."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = subprocess.Popen(  # noqa: S603  # our own commands
        pinned(core, command), env=inherited | dict(environment), cwd=folder, stdout=output, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()
            process.communicate(timeout=_PATIENCE_SECONDS)


@contextmanager
def upstream(core: int, root: Path) -> Generator[tuple[subprocess.Popen[str], str, str]]:
    """Run ``bench.upstream`` while the block lasts; yield it, and its token endpoints near and far away.

    Its authority's certificate is in ``root``.
    """
    with started(core, [sys.executable, "-m", "bench.upstream", str(root)], {}, subprocess.PIPE) as process:
        assert process.stdout  # noqa: S101  # for the type checker: it was asked for
        near, far = (f"https://localhost:{port}/v2/oauth/token/" for port in process.stdout.readline().split())
        yield process, near, far


def refuse_busy(port: int) -> None:
    """Stop the bench if something listens on ``port`` already: the bench would measure that instead."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SystemExit(f"Port {port} is in use: end what listens there first.")


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """Return the CPU time that a running process has used."""
    # The second field, a name in brackets, may contain blanks.
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_SECONDS


def resident_mib(process: subprocess.Popen[str]) -> float:
    """Return the memory that a running process holds."""
    status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / _KIB for line in status if line.startswith("VmRSS:"))


def busy_seconds() -> float:
    """Return the CPU time that all processes of this machine have used, and other machines have taken from it."""
    user, nice, system, _idle, _iowait, _irq, _softirq, stolen = Path("/proc/stat").read_text().split()[1:9]
    return (int(user) + int(nice) + int(system) + int(stolen)) * _TICK_SECONDS
