"""``python -m bench``: compare the proxy with other servers, print tables, and exit with 1 past a gate."""

import argparse
import compileall
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench import load, report
from bench.clients.serve import rival
from bench.faults import Faults, faults_of
from bench.processes import upstream
from bench.sampling import Sample, Site, measured_round
from bench.stacks import PEERS, PROXY, RIVALS, ROOT
from bench.targets import TARGETS
from bench.versions import versions
from proxy_app.tiktok_client import TikTokClient


def main() -> int:
    """Run the bench and return its exit code."""
    options = _options()
    load.require_wrk()
    for folder in ("bench", "proxy_app"):
        compileall.compile_dir(ROOT / folder, quiet=1)  # as what runs in Cloud Run is
    faults = _faults(options)
    rounds, dropped = _measured(options)
    used = versions()
    print("\n".join(f"{name} {version}" for name, version in used.items()), end="\n\n")
    print(report.ratios_table(rounds), report.figures_table(rounds), report.faults_table(faults), sep="\n")
    print(f"{dropped} samples dropped, for more than {options.foreign:.0%} of the machine was used by others.")
    if options.json:
        options.json.write_text(report.as_json(rounds, faults, used, dropped))
    past = any(target.fails(target.ratios(rounds, PROXY.name)) for target in TARGETS)
    return int(past or faults[PROXY.name].never() > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="The token proxy beside its peers (Linux).")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds must be undisturbed")
    parser.add_argument("--warm", type=float, default=4, help="seconds of load before a measurement")
    parser.add_argument("--turns", type=int, default=6, help="seconds of load for each stack, one at a time")
    parser.add_argument("--foreign", type=float, default=0.03, help="drop samples with a larger foreign share of CPU")
    parser.add_argument("--clients", action="store_true", help="the proxy with other clients than its own as well")
    parser.add_argument("--json", type=Path, help="write everything to this file, too")
    return parser.parse_args()


def _faults(options: argparse.Namespace) -> dict[str, Faults]:
    """Run the proxy's client, and the others if ``--clients`` asks for them, into every fault."""
    rivals = {stack: rival(place) for place, stack in RIVALS.items()} if options.clients else {}
    clients = {PROXY: TikTokClient} | rivals
    found: dict[str, Faults] = {}
    for stack, client in clients.items():
        _tell(f"faults: {stack.name}")
        found[stack.name] = faults_of(client, stack)
    return found


def _measured(options: argparse.Namespace) -> tuple[list[dict[str, Sample]], int]:
    """Measure all stacks in turn until enough rounds were undisturbed, at most twice as many."""
    stacks = [PROXY, *PEERS, *(RIVALS.values() if options.clients else ())]
    rounds: list[dict[str, Sample]] = []
    dropped = 0
    with _site(options) as site:
        while len(rounds) < 2 * options.rounds and _fewest(rounds) < options.rounds:
            _tell(f"round {len(rounds) + 1}")
            measured = measured_round(stacks, site)
            rounds.append({name: each for name, each in measured.items() if each.foreign_cpu <= options.foreign})
            dropped += len(measured) - len(rounds[-1])
    return rounds, dropped


def _fewest(rounds: list[dict[str, Sample]]) -> int:
    return min(len(target.ratios(rounds, PROXY.name)) for target in TARGETS)


@contextmanager
def _site(options: argparse.Namespace) -> Generator[Site]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root.pem"
        with upstream(load.CORE, root) as (process, near, far):
            yield Site(
                upstream=process,
                near=near,
                far=far,
                root=root,
                warm_seconds=options.warm,
                turns=options.turns,
                cold_starts=15,
            )


def _tell(progress: str) -> None:
    print(progress, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
