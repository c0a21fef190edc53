"""Checks of a stack, and what they found."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from subprocess import TimeoutExpired

import httpx2

from operations.errors import OperationError
from operations.stack import LiveStack


@dataclass(frozen=True, kw_only=True)
class Check:
    """A fact about a stack, and what to do if it does not hold."""

    name: str
    remedy: str
    probe: Callable[[LiveStack], str]


def check(name: str, *, remedy: str) -> Callable[[Callable[[LiveStack], str]], Check]:
    """Make a check of a probe, which returns what it found, or raises ``OperationError``."""
    return lambda probe: Check(name=name, remedy=remedy, probe=probe)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of a check; ``remedy`` is empty when the fact holds."""

    check: str
    holds: bool
    seen: str
    remedy: str

    def line(self) -> str:
        """Return the result as text, with the remedy on a second line."""
        line = f"{'ok  ' if self.holds else 'FAIL'}  {self.check}: {self.seen}"
        return line if self.holds else f"{line}\n      {self.remedy}"

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def run_checks(checks: Sequence[Check], stack: LiveStack) -> list[Finding]:
    """Run every check, also after one has failed. No finding holds one of the stack's secrets."""
    return [_run(each, stack) for each in checks]


def _run(check: Check, stack: LiveStack) -> Finding:
    try:
        return Finding(check=check.name, holds=True, seen=stack.redact(check.probe(stack)), remedy="")
    except (OperationError, httpx2.HTTPError, TimeoutExpired) as error:
        seen = stack.redact(str(error) or type(error).__name__)
        return Finding(check=check.name, holds=False, seen=seen, remedy=check.remedy)
