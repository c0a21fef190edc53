"""The hops of a sign-in as plain data, with everything masked that could be used by whoever sees it."""

import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_MASKED = {
    "access_token",
    "client_secret",
    "code",
    "code_verifier",
    "id_token",
    "refresh_token",
    "state",
    "nonce",
    "code_challenge",
}
_SHOWN = 4


@dataclass(kw_only=True)
class Hop:
    """One message and its answer: who spoke to whom, what was sent and what came back.

    It ``began`` at so many seconds since 1970, and took ``seconds``; a redirect takes none of its own.
    """

    sender: str
    receiver: str
    request: str
    sent: dict[str, str]
    answered: dict[str, str] = field(default_factory=dict[str, str])
    status: int = 0
    began: float = field(default_factory=time.time)
    seconds: float = 0.0


def masked(values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Return values as texts, those that are secret or used once cut to their beginning."""
    return {name: mask(name, value) for name, value in dict(values).items()}


def mask(name: str, value: object) -> str:
    """Return one value as text, cut to its first characters where ``name`` says that it is secret."""
    text = str(value)
    return f"{text[:_SHOWN]}…" if name in _MASKED and text else text


@contextmanager
def timed(hop: Hop) -> Generator[Hop]:
    """Let a hop last as long as the block."""
    start = time.perf_counter()
    try:
        yield hop
    finally:
        hop.seconds = time.perf_counter() - start
