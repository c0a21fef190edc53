"""The figures of docs/operations.md follow from its formula and prices, and from the defaults in code."""

import math
import re
from dataclasses import fields

import yaml

from proxy_app.settings import Settings
from tests.support.docs.console import PROJECT

_OPERATIONS = (PROJECT / "docs" / "operations.md").read_text()
_DEFAULTS = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())["config"]
_DEADLINE = next(field.default for field in fields(Settings) if field.name == "deadline_seconds")


def figure(pattern: str) -> float:
    """Return the one number that stands in operations.md as ``pattern`` has it."""
    [found] = re.findall(pattern, _OPERATIONS)
    return float(found.replace(",", ""))


def instances(sign_ins: float) -> int:
    """Return what the formula gives."""
    cpu = figure(r"    CPU = ([\d.]+) ms\n") / 1000
    concurrency = _DEFAULTS["concurrency"]["default"]
    return 1 + math.ceil(round(sign_ins / 60 * max(_DEADLINE / concurrency, 2 * cpu), 6))


def test_the_tables_instances_are_those_of_the_formula() -> None:
    rows = re.findall(r"^\| ([\d,]+)(?: \(the default's limit\))? \| (\d+) \|$", _OPERATIONS, re.MULTILINE)

    assert len(rows) == 4
    assert [int(most) for _, most in rows] == [instances(int(minute.replace(",", ""))) for minute, _ in rows]


def test_the_defaults_limit_is_where_the_formula_reaches_it() -> None:
    limit = figure(r"\| ([\d,]+) \(the default's limit\)")

    assert instances(limit) == _DEFAULTS["maxInstances"]["default"] < instances(limit + 1)


def test_a_million_sign_ins_cost_what_the_prices_say() -> None:
    seconds, gibibytes = (
        figure(r"1 million \| ([\d,]+) s"),
        int(_DEFAULTS["memory"]["default"].removesuffix("Mi")) / 1024,
    )
    beyond = seconds - figure(r"of which ([\d,]+),")

    assert figure(r"(320,000) vCPU-seconds beyond") == beyond
    assert figure(r"\$(7\.68)") == round(beyond * figure(r"\$(0\.000024) for a vCPU-second"), 2)
    assert seconds * gibibytes < 360_000
