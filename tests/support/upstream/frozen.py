"""What Cloud Run does to a process between two requests, and TikTok meanwhile."""

import os
import signal
from collections.abc import Callable

from tests.support.upstream.cases import answers, closes
from tests.support.upstream.misbehaving import Misbehaving

_PATIENCE_SECONDS = 10


def closing_upstream() -> Misbehaving:
    """Return an upstream that closes its connections when it is told to."""
    return Misbehaving(act=answers, later=closes, at=0)


def waking(upstream: Misbehaving, pid: int, ask: Callable[[], int]) -> tuple[int, int]:
    """Ask, freeze the process, let the upstream close, wake the process with the next request; return both statuses."""
    upstream.at = len(upstream.received) + 1
    upstream.answered.clear()
    upstream.acted.clear()
    before = ask()
    os.kill(pid, signal.SIGSTOP)
    upstream.answered.set()
    closed = upstream.acted.wait(_PATIENCE_SECONDS)
    os.kill(pid, signal.SIGCONT)
    assert closed, "The upstream did not close."
    return before, ask()
