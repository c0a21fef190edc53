"""What tests have in store for the next requests: errors in TikTok's words, and faults."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Literal, TypeVar, get_args

Endpoint = Literal["authorize", "token", "revoke", "user_info"]
Fault = Literal[
    "slow", "silent", "cut", "truncated", "html", "rate_limit", "internal_error", "redirect", "oversize", "not_found"
]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An error that is to be answered in the endpoint's own words."""

    error: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Breakage:
    """A fault of the line or the server; ``seconds`` is how long ``slow`` takes."""

    fault: Fault
    seconds: float


Answer = TypeVar("Answer", Refusal, Breakage)


@dataclass
class Script:
    """The queued answers of each endpoint, first come first served."""

    _queues: defaultdict[str, deque[Refusal | Breakage]] = field(
        default_factory=lambda: defaultdict[str, deque[Refusal | Breakage]](deque)
    )

    def queue(self, endpoint: Endpoint, answer: Refusal | Breakage, times: int) -> None:
        """Queue an answer so many times; an endpoint or fault that does not exist is a ``ValueError``."""
        if endpoint not in get_args(Endpoint):
            raise ValueError(f"There is no endpoint {endpoint!r}, only {', '.join(get_args(Endpoint))}.")
        if isinstance(answer, Breakage) and answer.fault not in get_args(Fault):
            raise ValueError(f"There is no fault {answer.fault!r}, only {', '.join(get_args(Fault))}.")
        self._queues[endpoint].extend([answer] * times)

    def take(self, endpoint: Endpoint, kind: type[Answer]) -> Answer | None:
        """Take the endpoint's next answer, if there is one and it is of that kind."""
        queue = self._queues[endpoint]
        if not queue or not isinstance(queue[0], kind):
            return None
        taken = queue.popleft()
        return taken if isinstance(taken, kind) else None

    def clear(self) -> None:
        """Forget every queued answer."""
        self._queues.clear()
