"""Load by wrk on its own core, and the CPU time of each process."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.processes import busy_seconds, cpu_seconds, pinned
from bench.stacks import FORM

CORE = 1
_SCRIPT = Path(__file__).with_name("token.lua")
_CORES = os.cpu_count() or 1


@dataclass(frozen=True, kw_only=True)
class Load:
    """What wrk saw, the CPU time of whoever answered, and the share of this machine that strangers used."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_seconds: float
    foreign_cpu: float


def require_wrk() -> None:
    """Stop the bench where wrk is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing, which makes the load: `apt-get install wrk` (Debian, Ubuntu).")


def load(
    url: str, answering: subprocess.Popen[str], *others: subprocess.Popen[str], connections: int, seconds: float
) -> Load:
    """Post token requests to ``url`` for a while; one that fails stops the bench.

    ``answering`` is whose CPU time counts; ``others`` work for it, and are no strangers.
    """
    wrk = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"-s{_SCRIPT}", url, "--", FORM]
    begun, busy, own, ours = time.monotonic(), busy_seconds(), cpu_seconds(answering), _cpu_of(others)
    output = subprocess.run(pinned(CORE, wrk), check=True, capture_output=True, text=True).stdout  # noqa: S603  # wrk
    own, ours = cpu_seconds(answering) - own, _cpu_of(others) - ours
    foreign = (busy_seconds() - busy - own - ours) / (time.monotonic() - begun) / _CORES
    seen = json.loads(output.splitlines()[-1])
    if seen.pop("failed"):
        raise SystemExit(f"Requests to {url} failed:\n{output}")
    return Load(**seen, cpu_seconds=own, foreign_cpu=max(0.0, foreign))


def _cpu_of(others: Sequence[subprocess.Popen[str]]) -> float:
    """Return the CPU time of the others, of this process, and of its children that ended, which is wrk."""
    return sum(map(cpu_seconds, others)) + sum(os.times()[:4])
