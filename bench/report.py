"""The tables of the bench, in Markdown, and all of it as JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from statistics import median

from bench.faults import Faults
from bench.sampling import Sample
from bench.stacks import PROXY
from bench.targets import TARGETS, Rounds, Target


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def ratios_table(rounds: Rounds) -> str:
    """Return the proxy's ratios: medians of the rounds, their spread, and the distance to the goals."""
    head = ("figure", "beside", "ratio", "spread", "gate", "goal", "")
    return table(head, (_row(target, target.ratios(rounds, PROXY.name)) for target in TARGETS))


def figures_table(rounds: Rounds) -> str:
    """Return every stack's own figures on this machine: medians of the rounds."""
    names = list(dict.fromkeys(name for each in rounds for name in each))
    figures = [field.name for field in fields(Sample)]
    rows = ([name, *(f"{_median(rounds, name, figure):.4g}" for figure in figures)] for name in names)
    return table(["stack", *(figure.replace("_", " ") for figure in figures)], rows)


def faults_table(faults: Mapping[str, Faults]) -> str:
    """Return what each client did in front of the misbehaving upstream."""
    names = [field.name for field in fields(Faults)]
    rows = ([client, *(str(getattr(found, name)) for name in names)] for client, found in faults.items())
    return table(["client", *(name.replace("_", " ") for name in names)], rows)


def as_json(rounds: Rounds, faults: Mapping[str, Faults], versions: Mapping[str, str], dropped: int) -> str:
    """Return everything that was measured."""
    return json.dumps(
        {
            "versions": versions,
            "ratios": [_as_plain(target, target.ratios(rounds, PROXY.name)) for target in TARGETS],
            "rounds": [{name: asdict(sample) for name, sample in each.items()} for each in rounds],
            "dropped_samples": dropped,
            "faults": {client: asdict(found) for client, found in faults.items()},
        },
        indent=2,
    )


def _row(target: Target, ratios: Sequence[float]) -> Sequence[str]:
    if not ratios:
        return (target.title, target.compared_with, "-", "-", *target.limits(), "not measured undisturbed")
    spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
    middle = median(ratios)
    return (target.title, target.compared_with, f"{middle:.2f}", spread, *target.limits(), target.verdict(middle))


def _as_plain(target: Target, ratios: Sequence[float]) -> dict[str, object]:
    return {
        "figure": target.title,
        "beside": target.compared_with,
        "ratios": ratios,
        "median": median(ratios) if ratios else None,
        "gate": target.gate,
        "goal": target.goal,
        "fails": target.fails(ratios),
    }


def _median(rounds: Rounds, name: str, figure: str) -> float:
    return median(getattr(each[name], figure) for each in rounds if name in each)
