"""Checks the arguments of components. Problems are collected, so that one error reports all of them."""

from collections.abc import Sequence
from functools import partial

import pulumi

from infra.config_reader import Rule


class ArgumentsError(pulumi.RunError):
    """Arguments that a vendor would refuse. Pulumi shows the message without a traceback."""


class ArgumentChecker:
    """One pass over a component's arguments."""

    def __init__(self) -> None:
        self._problems: list[str] = []

    def text(self, name: str, value: str, rule: Rule) -> str:
        """Return a text that must be known before anything is declared."""
        if problem := rule.problem(name, value):
            self._problems.append(problem)
        return value

    def texts(self, name: str, values: Sequence[str], rule: Rule) -> Sequence[str]:
        """Return texts that must be known before anything is declared."""
        for value in values:
            self.text(name, value, rule)
        return values

    def number(self, name: str, value: float, lowest: int, highest: int) -> int:
        """Return a whole number, which other languages send as a float, or ``highest`` after a problem."""
        if value != int(value) or not lowest <= value <= highest:
            self._problems.append(f"{name} must be a whole number from {lowest} to {highest}, not {value:g}.")
            return highest
        return int(value)

    def input(self, name: str, value: pulumi.Input[str], rule: Rule) -> None:
        """Check a text that may come from another resource; ``require_when_known`` checks it then."""
        if isinstance(value, str):
            self.text(name, value, rule)

    def add(self, *problems: str) -> None:
        self._problems += problems

    def raise_for_problems(self) -> None:
        """Raise ``ArgumentsError`` if there are any."""
        if self._problems:
            raise ArgumentsError("\n".join(self._problems))


def require_when_known(name: str, value: pulumi.Input[str], rule: Rule) -> pulumi.Input[str]:
    """Return ``value``, which raises ``ArgumentsError`` when it turns out that it does not follow ``rule``."""
    return value.apply(partial(_require, name, rule)) if isinstance(value, pulumi.Output) else value


def _require(name: str, rule: Rule, value: str) -> str:
    # What comes from another resource may be secret, so it is not shown.
    if not rule.accepts(value):
        raise ArgumentsError(f"{name} must be {rule.wants}.")
    return value
