"""Gates that the proxy must not miss, and goals."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.sampling import Sample
from bench.stacks import EXPRESS, FLOOR, STARLETTE, Stack

Rounds = Sequence[dict[str, Sample]]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A limit for the ratio of the proxy's figure to a peer's, or for the figure itself.

    The bench fails if a gate that ``decides`` is missed.
    """

    title: str
    figure: str
    peer: Stack | None = None
    gate: float
    goal: float
    more_is_better: bool = False
    decides: bool = False

    def ratios(self, rounds: Rounds, proxy: str) -> list[float]:
        """Return the ratio of each round in which both were measured, or the proxy's own figures."""
        if self.peer is None:
            return [getattr(each[proxy], self.figure) for each in rounds if proxy in each]
        both = [each for each in rounds if proxy in each and self.peer.name in each]
        return [getattr(each[proxy], self.figure) / getattr(each[self.peer.name], self.figure) for each in both]

    @property
    def compared_with(self) -> str:
        """The peer's name."""
        return self.peer.name if self.peer else "-"

    def verdict(self, ratio: float) -> str:
        """Return how far ``ratio`` is from gate and goal."""
        if self._short_of(self.gate, ratio) > 0:
            return f"PAST THE GATE by {self._short_of(self.gate, ratio):.0%}"
        missing = self._short_of(self.goal, ratio)
        return f"{missing:.0%} short of the goal" if missing > 0 else f"goal reached, {-missing:.0%} to spare"

    def fails(self, ratios: Sequence[float]) -> bool:
        """Whether the bench must fail: past a gate that decides, or never measured undisturbed."""
        return self.decides and (not ratios or self._short_of(self.gate, median(ratios)) > 0)

    def limits(self) -> tuple[str, str]:
        """Format gate and goal."""
        sign = ">=" if self.more_is_better else "<="
        return f"{sign} {self.gate:.2f}", f"{sign} {self.goal:.2f}"

    def _short_of(self, limit: float, ratio: float) -> float:
        return (limit - ratio) / limit if self.more_is_better else (ratio - limit) / limit


_RATE = "req/s, 16 connections"
TARGETS = (
    Target(
        title=_RATE,
        figure="requests_per_second",
        peer=EXPRESS,
        gate=2.5,
        goal=3.5,
        more_is_better=True,
        decides=True,
    ),
    Target(title=_RATE, figure="requests_per_second", peer=STARLETTE, gate=3.5, goal=4.5, more_is_better=True),
    Target(title=_RATE, figure="requests_per_second", peer=FLOOR, gate=0.35, goal=0.50, more_is_better=True),
    Target(title="CPU per request", figure="cpu_us_per_request", peer=EXPRESS, gate=0.38, goal=0.30),
    Target(title="p99, 16 connections", figure="p99_ms", peer=EXPRESS, gate=0.30, goal=0.20),
    Target(title="added latency p50, 1 connection", figure="added_p50_ms", peer=EXPRESS, gate=0.50, goal=0.40),
    Target(title="cold start", figure="cold_start_ms", peer=EXPRESS, gate=0.75, goal=0.66, decides=True),
    Target(
        title="cold start, 40 ms away", figure="cold_start_far_ms", peer=EXPRESS, gate=0.65, goal=0.50, decides=True
    ),
    Target(title="memory at start", figure="memory_at_start_mib", peer=EXPRESS, gate=0.60, goal=0.50, decides=True),
    Target(title="memory after load", figure="memory_after_load_mib", peer=EXPRESS, gate=0.35, goal=0.25, decides=True),
    Target(title="memory under attack, MiB", figure="growth_under_attack_mib", gate=20, goal=5, decides=True),
)
