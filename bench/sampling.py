"""One round of the bench: every stack is started, warmed and loaded.

The speed of a machine changes from second to second. So the stacks take turns of a second, which keeps ratios stable.
"""

import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import mean, median

from bench.attacks import growth_under_attack_mib
from bench.load import Load, load
from bench.processes import refuse_busy, resident_mib, started
from bench.stacks import FORM, PORT, SETTINGS, Stack

_CORE = 0
_PATH = "/proxy/token"
_REQUEST = (
    b"POST /proxy/token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%b" % (len(FORM), FORM.encode())
)
_PATIENCE_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Site:
    """What is the same in every round: the upstream, near and far away, and how much to measure."""

    upstream: subprocess.Popen[str]
    near: str
    far: str
    root: Path
    warm_seconds: float
    turns: int
    cold_starts: int


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What was measured of one stack in one round."""

    requests_per_second: float
    cpu_us_per_request: float
    p99_ms: float
    added_p50_ms: float
    cold_start_ms: float
    cold_start_far_ms: float
    memory_at_start_mib: float
    memory_after_load_mib: float
    growth_under_attack_mib: float
    foreign_cpu: float


@dataclass(kw_only=True)
class Running:
    """A running stack."""

    stack: Stack
    process: subprocess.Popen[str]
    at_start_mib: float
    under_attack_mib: float

    def load(self, site: Site, connections: int, seconds: float = 1) -> Load:
        """Post token requests to it for a while."""
        url = f"http://127.0.0.1:{self.stack.port}{_PATH}"
        return load(url, self.process, site.upstream, connections=connections, seconds=seconds)


def measured_round(stacks: Sequence[Stack], site: Site) -> dict[str, Sample]:
    """Measure each stack once, and return the samples by their names."""
    cold = _cold_starts(stacks, site)
    with ExitStack() as until_the_end:
        running = [_start(stack, site, until_the_end) for stack in stacks]
        for each in running:
            each.load(site, 16, site.warm_seconds)
        many, one = (_turns(running, site, connections) for connections in (16, 1))
        direct = [load(site.near, site.upstream, connections=1, seconds=1).p50_ms for _ in range(site.turns)]
        return {
            each.stack.name: _sample(each, own_many, own_one, median(direct), starts)
            for each, own_many, own_one, starts in zip(running, many, one, cold, strict=True)
        }


def _start(stack: Stack, site: Site, until_the_end: ExitStack) -> Running:
    under_attack = _growth_under_attack(stack, site)
    process = until_the_end.enter_context(started(_CORE, stack.command, _environment(stack, site, site.near)))
    await_first_answer(process, stack.port)
    return Running(stack=stack, process=process, at_start_mib=resident_mib(process), under_attack_mib=under_attack)


def _turns(running: Sequence[Running], site: Site, connections: int) -> Iterable[tuple[Load, ...]]:
    """Load each stack for a second in turn, and return the measurements of each."""
    turns = [[each.load(site, connections) for each in running] for _ in range(site.turns)]
    return zip(*turns, strict=True)


def _sample(
    running: Running, many: Sequence[Load], one: Sequence[Load], direct_ms: float, starts: tuple[float, float]
) -> Sample:
    requests = sum(turn.requests for turn in many)
    return Sample(
        requests_per_second=requests / sum(turn.seconds for turn in many),
        cpu_us_per_request=sum(turn.cpu_seconds for turn in many) / requests * 1e6,
        p99_ms=median(turn.p99_ms for turn in many),
        added_p50_ms=median(turn.p50_ms for turn in one) - direct_ms,
        cold_start_ms=starts[0],
        cold_start_far_ms=starts[1],
        memory_at_start_mib=running.at_start_mib,
        memory_after_load_mib=resident_mib(running.process),
        growth_under_attack_mib=running.under_attack_mib,
        foreign_cpu=mean(turn.foreign_cpu for turn in many),
    )


def _environment(stack: Stack, site: Site, url: str) -> dict[str, str]:
    trust = {"SSL_CERT_FILE": str(site.root), "NODE_EXTRA_CA_CERTS": str(site.root)}
    return {"PORT": str(stack.port), "TIKTOK_TOKEN_URL": url, **trust, **SETTINGS}


def _cold_starts(stacks: Sequence[Stack], site: Site) -> Iterable[tuple[float, float]]:
    """Return the median milliseconds from each one's start to its first answer, near and far."""
    both = product(range(site.cold_starts), (site.near, site.far))
    turns = [[_cold_start(stack, site, url) for stack in stacks] for _, url in both]
    return ((median(own[::2]), median(own[1::2])) for own in zip(*turns, strict=True))


def _growth_under_attack(stack: Stack, site: Site) -> float:
    refuse_busy(stack.port)
    with started(_CORE, stack.command, _environment(stack, site, site.near)) as process:
        await_first_answer(process, stack.port)
        return growth_under_attack_mib(process.pid, stack.port)


def _cold_start(stack: Stack, site: Site, url: str) -> float:
    refuse_busy(stack.port)
    begun = time.perf_counter()
    with started(_CORE, stack.command, _environment(stack, site, url)) as process:
        await_first_answer(process, stack.port)
        return (time.perf_counter() - begun) * 1000


def await_first_answer(process: subprocess.Popen[str], port: int = PORT) -> None:
    """Send a request as soon as the port is open, and wait for the answer."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as connection:
            connection.settimeout(_PATIENCE_SECONDS)
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                connection.sendall(_REQUEST)
                _require_token(connection)
                return
        time.sleep(0.0005)
    raise SystemExit(f"{process.args} does not answer.")


def _require_token(connection: socket.socket) -> None:
    answer = b""
    while b'"access_token"' not in answer:
        if not (more := connection.recv(65536)):
            raise SystemExit(f"A token was expected, not:\n{answer.decode(errors='replace')}")
        answer += more
