"""``python -m rehearsal.figures``: how long a sign-in takes, hop by hop, and the token proxy's share of it.

The deployed proxy, the profile script and the example application are the real ones; TikTok, Auth0 and Cloud Run are
emulators on the same machine, so no network is in these times, and the share on real accounts is smaller. The proxy's
own time is what its log says, less its wait for TikTok; the hop to it holds the emulated front of Cloud Run as well. A
client without a screen follows the redirects, the person answers at once, and everything is warm.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import httpx2

from rehearsal.deployment import deployment
from rehearsal.emulated_vendors import EmulatedVendors
from rehearsal.environment import clean_environment
from rehearsal.hops import Hop, trace_sign_in
from rehearsal.pulumi_cli import PulumiMissingError, pulumi_cli
from rehearsal.serve_application import serve_application

_SIGN_INS = 50
_WARMING = 3
_GOAL = 0.05
_ANSWER = {"person": "ada", "scope": "user.info.profile", "decision": "allow"}


@dataclass
class Figures:
    """Seconds of each sign-in: of the whole, of each hop, and of the token proxy less its wait for TikTok."""

    whole: list[float] = field(default_factory=list[float])
    rest: list[float] = field(default_factory=list[float])
    hops: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict[str, list[float]](list))
    proxy: list[float] = field(default_factory=list[float])

    def add(self, hops: Sequence[Hop]) -> None:
        """Add the hops of the newest sign-in, and the rest: the application's own work and transport."""
        for hop in hops:
            self.hops[f"{'  ' * hop.depth}{hop.asker} → {hop.asked}: {hop.request}"].append(hop.seconds)
        self.rest.append(self.whole[-1] - sum(hop.seconds for hop in hops if not hop.depth))

    @property
    def share(self) -> float:
        """The proxy's share of a sign-in, at the median."""
        return median(share / whole for share, whole in zip(self.proxy, self.whole, strict=True))

    def table(self) -> str:
        """Return the figures as text, in milliseconds."""
        totals = {"The rest: in the application, and in between": self.rest, "Click to profile shown": self.whole}
        rows = [*self.hops.items(), *totals.items(), ("Of it in the token proxy itself", self.proxy)]
        lines = [f"{name:72}{median(times) * 1000:8.1f}{max(times) * 1000:8.1f}" for name, times in rows]
        head = f"{f'{len(self.whole)} sign-ins, milliseconds':72}{'median':>8}{'worst':>8}"
        return "\n".join(
            [head, *lines, f"The token proxy's own share is {self.share:.1%}; the goal is under {_GOAL:.0%}."]
        )


def measure(vendors: EmulatedVendors, sign_ins: int) -> Figures:
    """Sign in so many times, after a few that warm everything up, each time in a new browser profile."""
    figures = Figures()
    with serve_application(vendors) as origin:
        for _ in range(_WARMING):
            _signed_in(origin)
        for _ in range(sign_ins):
            logged = len(vendors.cloud.logs)
            seconds, state = _signed_in(origin)
            figures.whole.append(seconds)
            figures.proxy.append(sum(_own_seconds(line.line) for line in vendors.cloud.logs[logged:]))
            figures.add(trace_sign_in(vendors.exchanges(), vendors.tenant.login.sign_ins, state))
    return figures


def _signed_in(origin: str) -> tuple[float, str]:
    """Sign in once, and return how long it took in seconds, and the application's state."""
    with httpx2.Client(follow_redirects=True, trust_env=False) as browser:
        start = time.perf_counter()
        consent = browser.post(f"{origin}/sign-in")
        page = browser.post(consent.url, data=_ANSWER)
        seconds = time.perf_counter() - start
    if "Hello, Ada Example" not in page.text:
        raise RuntimeError(f"The sign-in ended at {page.url.path}.")
    return seconds, consent.history[1].request.url.params["state"]


def _own_seconds(line: str) -> float:
    """Return the proxy's own time from a line of its log: its latency less the wait for TikTok."""
    entry = json.loads(line)
    if "tiktok_us" not in entry:
        return 0
    return float(entry["httpRequest"]["latency"].removesuffix("s")) - entry["tiktok_us"] / 1_000_000


def main() -> int:
    """Deploy, measure, and print the figures."""
    try:
        with clean_environment(), deployment(pulumi_cli()) as deployed:
            deployed.stack.up()
            print(measure(deployed.vendors, _SIGN_INS).table())
    except PulumiMissingError as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
