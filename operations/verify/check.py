"""A check: one fact, how it is probed, and what to do where it does not hold."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from subprocess import TimeoutExpired
from typing import Generic, TypeVar

import httpx2

Subject = TypeVar("Subject")


class Failed(Exception):
    """The fact does not hold; the message says what is there in its place, and holds no secret."""


@dataclass(frozen=True, kw_only=True)
class Check(Generic[Subject]):
    """A fact about a subject; ``probe`` returns what it saw, or raises ``Failed``."""

    name: str
    remedy: str
    probe: Callable[[Subject], str]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check has found; ``remedy`` is empty where the fact holds."""

    check: str
    holds: bool
    seen: str
    remedy: str

    def line(self) -> str:
        """Return it as a person reads it: one line, and below it what to do."""
        line = f"{'ok  ' if self.holds else 'FAIL'}  {self.check}: {self.seen}"
        return line if self.holds else f"{line}\n      {self.remedy}"

    def plain(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return asdict(self)


def findings(checks: Sequence[Check[Subject]], subject: Subject, hide: Callable[[str], str]) -> list[Finding]:
    """Run every check, also after one has failed; ``hide`` takes secrets out of what was seen."""
    return [_finding(check, subject, hide) for check in checks]


def _finding(check: Check[Subject], subject: Subject, hide: Callable[[str], str]) -> Finding:
    try:
        return Finding(check=check.name, holds=True, seen=hide(check.probe(subject)), remedy="")
    except (Failed, httpx2.HTTPError, TimeoutExpired) as reason:
        seen = hide(str(reason) or type(reason).__name__)
        return Finding(check=check.name, holds=False, seen=seen, remedy=check.remedy)


def hold(fact: object, otherwise: str) -> None:
    """Raise ``Failed`` with ``otherwise``, unless ``fact``."""
    if not fact:
        raise Failed(otherwise)
