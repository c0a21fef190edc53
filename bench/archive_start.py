"""``python -m bench.archive_start``: measure how much each step shortens the proxy's cold start (Linux).

The emulated Cloud Run starts the archive, and copies of it that leave out one step each.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from bench import load
from bench.archive_variants import Variant, variants
from bench.processes import refuse_busy, started, upstream
from bench.report import table
from bench.sampling import await_first_answer
from bench.stacks import PORT, SETTINGS
from bench.versions import versions
from emulators.google_cloud.run.container import Container, Probe
from infra.archive.cache import THIS_MACHINE, archive

_CORE = 0
_PROBE = Probe(path="/health", headers={}, delay=0, period=1, timeout=1, threshold=30)
_NAMES = {"K_SERVICE": "token-proxy", "K_REVISION": "token-proxy-00001-abc", "K_CONFIGURATION": "token-proxy"}
_STARTS = 3
_Starts = dict[tuple[str, str], list[float]]


def main() -> None:
    """Start every variant in turn, with TikTok near and far away, and print the medians."""
    parser = argparse.ArgumentParser(prog="python -m bench.archive_start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="each is the median of three starts")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="archive-start-") as name:
        root = Path(name) / "root.pem"
        with upstream(load.CORE, root) as (_, near, far):
            places = {"near": near, "40 ms away": far}
            unpacked = _unpacked(root)
            _measured(unpacked, places, root, 1)  # reads all files once: they are in memory from then on
            starts = _measured(unpacked, places, root, rounds)
    print("\n".join(f"{name} {version}" for name, version in versions().items()), end="\n\n")
    print(_table(starts, [variant.title for variant in unpacked.values()]))


def _unpacked(root: Path) -> dict[Path, Variant]:
    packed, extra = archive("proxy_app", THIS_MACHINE).path, root.with_name("extra")
    extra.mkdir()
    unpacked = {root.with_name(str(number)): each for number, each in enumerate(variants(root, extra))}
    for folder, variant in unpacked.items():
        variant.unpack(packed, folder)
    return unpacked


def _measured(unpacked: Mapping[Path, Variant], places: Mapping[str, str], root: Path, rounds: int) -> _Starts:
    starts: _Starts = defaultdict(list)
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for (folder, variant), (place, url) in itertools.product(unpacked.items(), places.items()):
            environment = {"TIKTOK_TOKEN_URL": url, "SSL_CERT_FILE": str(root)}
            turns = [_start_ms(variant, folder, environment) for _ in range(_STARTS)]
            starts[variant.title, place].append(median(turns))
    return starts


def _start_ms(variant: Variant, folder: Path, environment: Mapping[str, str]) -> float:
    """Return how many milliseconds pass from the start of a process to its first answer with a token."""
    container = Container(
        command=[*variant.command],
        environment={"HOST": "0.0.0.0", **SETTINGS, **environment, **variant.environment, **_NAMES},  # noqa: S104  # as it is deployed
        port=PORT,
        startup=_PROBE,
        liveness=None,
        cpu_idle=True,
        timeout=300,
    )
    # Nothing can be written where Cloud Run unpacks an archive.
    seen = container.process_environment("127.0.0.1", PORT) | {"PYTHONDONTWRITEBYTECODE": "1"}
    refuse_busy(PORT)
    begun = time.perf_counter()
    with started(_CORE, container.command_line(), seen, folder=folder) as process:
        await_first_answer(process)
        return (time.perf_counter() - begun) * 1000


def _table(starts: _Starts, titles: Sequence[str]) -> str:
    places = list(dict.fromkeys(place for _, place in starts))
    head = [f"{place}: {what}" for place in places for what in ("ratio", "spread", "ms")]
    rows = (
        [title, *(cell for place in places for cell in _cells(starts, title, titles[0], place))] for title in titles
    )
    return table(["cold start of", *head], rows)


def _cells(starts: _Starts, title: str, base: str, place: str) -> Sequence[str]:
    own = starts[title, place]
    ratios = [mine / its for mine, its in zip(own, starts[base, place], strict=True)]
    return f"{median(ratios):.2f}", f"{min(ratios):.2f}-{max(ratios):.2f}", f"{median(own):.0f}"


if __name__ == "__main__":
    main()
