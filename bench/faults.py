"""What clients do in front of the misbehaving upstream of the tests, and stacks after a freeze."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import httpx2

from bench.processes import refuse_busy, started
from bench.sampling import await_first_answer
from bench.stacks import FORM, PORT, SETTINGS, Stack
from emulators.kit.authority import ThrowAwayAuthority
from tests.support.upstream.cases import CASES, Case
from tests.support.upstream.frozen import closing_upstream, waking
from tests.support.upstream.judge import PEOPLE, Client, Verdict, judged
from tests.support.upstream.misbehaving import misbehaving

_MOST_GROWTH_BYTES = 20 * 1024 * 1024
_ROUNDS = 100


@dataclass(kw_only=True)
class Faults:
    """Counts of what a client must never do, and of calls that failed without need."""

    stale_tokens: int = 0
    double_submissions: int = 0
    hangs: int = 0
    growths: int = 0
    lost_answers: int = 0
    lost_after_a_freeze: int = 0

    def never(self) -> int:
        """Return how many of these make the bench fail."""
        return sum(getattr(self, field.name) for field in fields(self) if field.name != "lost_answers")

    def count(self, case: Case, verdict: Verdict) -> None:
        """Add what one case showed."""
        own = [f"act.{code}" for code in PEOPLE]
        due = [True, not (case.error or case.status), True]
        self.stale_tokens += sum(
            got.startswith("act.") and got != mine for got, mine in zip(verdict.got, own, strict=True)
        )
        self.double_submissions += len(verdict.received) - len(set(verdict.received))
        self.hangs += verdict.got.count("hang")
        self.growths += verdict.growth_bytes > _MOST_GROWTH_BYTES
        self.lost_answers += sum(
            wanted and not got.startswith("act.") for got, wanted in zip(verdict.got, due, strict=True)
        )


def faults_of(client: Callable[[str, float], Client], stack: Stack) -> Faults:
    """Run ``client`` into every fault over http and https, and freeze its ``stack`` a hundred times."""
    faults, authority = Faults(), ThrowAwayAuthority()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SSL_CERT_FILE"] = str(authority.write_bundle(Path(folder) / "roots.pem"))
        for tls in (None, authority.server_context()):
            for case in CASES.values():
                faults.count(case, judged(case, client, tls))
    faults.lost_after_a_freeze = _ROUNDS - _answered_after_freezes(stack)
    return faults


def _answered_after_freezes(stack: Stack) -> int:
    upstream = closing_upstream()
    refuse_busy(PORT)
    with misbehaving(upstream, None) as url, httpx2.Client(trust_env=False) as client:
        environment = {"PORT": str(PORT), "TIKTOK_TOKEN_URL": url, **SETTINGS}
        with started(0, stack.command, environment) as process:
            await_first_answer(process)

            def ask() -> int:
                headers = {"content-type": "application/x-www-form-urlencoded"}
                return client.post(f"http://127.0.0.1:{PORT}/proxy/token", content=FORM, headers=headers).status_code

            return [waking(upstream, process.pid, ask) for _ in range(_ROUNDS)].count((200, 200))
