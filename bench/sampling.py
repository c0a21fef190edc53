"""One sample of one stack: started, asked for the first time, warmed, loaded, and ended."""

import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench.load import load
from bench.processes import refuse_busy, resident_mib, started
from bench.stacks import FORM, PORT, SETTINGS, Stack

_CORE = 0
_URL = f"http://127.0.0.1:{PORT}/proxy/token"
_REQUEST = (
    b"POST /proxy/token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%b" % (len(FORM), FORM.encode())
)
_PATIENCE_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Site:
    """What is the same for every sample: the upstream, near and far away, and how much is measured."""

    upstream: subprocess.Popen[str]
    near: str
    far: str
    bundle: Path
    warm_seconds: float
    load_seconds: float
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
    foreign_cpu: float


def sample(stack: Stack, site: Site) -> Sample:
    """Measure ``stack`` once; of several cold starts the best counts."""
    cold, far = (min(_cold_start(stack, site, url) for _ in range(site.cold_starts)) for url in (site.near, site.far))
    refuse_busy(PORT)
    with started(_CORE, stack.command, _environment(site, site.near)) as process:
        await_first_answer(process)
        at_start = resident_mib(process)
        load(_URL, process, site.upstream, connections=16, seconds=site.warm_seconds)
        many = load(_URL, process, site.upstream, connections=16, seconds=site.load_seconds)
        one = load(_URL, process, site.upstream, connections=1, seconds=site.load_seconds / 2)
        after_load = resident_mib(process)
    direct = load(site.near, site.upstream, connections=1, seconds=site.load_seconds / 2)
    return Sample(
        requests_per_second=many.requests / many.seconds,
        cpu_us_per_request=many.cpu_seconds / many.requests * 1e6,
        p99_ms=many.p99_ms,
        added_p50_ms=one.p50_ms - direct.p50_ms,
        cold_start_ms=cold,
        cold_start_far_ms=far,
        memory_at_start_mib=at_start,
        memory_after_load_mib=after_load,
        foreign_cpu=many.foreign_cpu,
    )


def _environment(site: Site, url: str) -> dict[str, str]:
    trust = {"SSL_CERT_FILE": str(site.bundle), "NODE_EXTRA_CA_CERTS": str(site.bundle)}
    return {"PORT": str(PORT), "TIKTOK_TOKEN_URL": url, **trust, **SETTINGS}


def _cold_start(stack: Stack, site: Site, url: str) -> float:
    """Return how many milliseconds pass from the start of a process to its first answer with a token."""
    refuse_busy(PORT)
    begun = time.perf_counter()
    with started(_CORE, stack.command, _environment(site, url)) as process:
        await_first_answer(process)
        return (time.perf_counter() - begun) * 1000


def await_first_answer(process: subprocess.Popen[str]) -> None:
    """Ask as soon as somebody listens, and wait for the answer."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as connection:
            connection.settimeout(_PATIENCE_SECONDS)
            if connection.connect_ex(("127.0.0.1", PORT)) == 0:
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
