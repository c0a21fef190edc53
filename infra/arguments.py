"""Checks the arguments of components. Problems are collected, so that one error reports all of them."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TypeVar, cast

import pulumi

from infra import vendor_rules as rules
from infra.config_reader import ORIGIN, Rule

_Arguments = TypeVar("_Arguments", bound=Mapping[str, object])

_RULES = {
    "alertEmail": rules.EMAIL,
    "applications": rules.CLIENT_ID,
    "clientKey": rules.CLIENT_KEY,
    "connectionName": rules.CONNECTION_NAME,
    "displayName": rules.DISPLAY_NAME,
    "hosting.cpu": rules.CPU,
    "hosting.memory": rules.MEMORY,
    "hosting.project": rules.PROJECT,
    "hosting.region": rules.REGION,
    "hosting.runtime": rules.RUNTIME,
    "iconUrl": rules.ICON_URL,
    "image": rules.IMAGE,
    "loginOrigin": ORIGIN,
    "proxyUrl": ORIGIN,
    "scopes": rules.SCOPES,
    "tiktokApiOrigin": ORIGIN,
    "tiktokOrigin": ORIGIN,
}
# An empty text means that the argument is not given.
_OPTIONAL = {"alertEmail", "iconUrl", "image", "loginOrigin", "proxyUrl"}


class ArgumentsError(pulumi.RunError):
    """Arguments that a vendor would refuse. Pulumi shows the message without a traceback."""


def raise_for(problems: Iterable[str]) -> None:
    """Raise ``ArgumentsError`` if there are any problems."""
    if message := "\n".join(problems):
        raise ArgumentsError(message)


def check_arguments(args: _Arguments) -> _Arguments:
    """Return ``args``, or raise ``ArgumentsError``. A wrong output raises it when its value is known."""
    problems: list[str] = []
    checked = {name: _check(camel_case(name), None, value, problems) for name, value in args.items()}
    raise_for(problems)
    return cast("_Arguments", checked)


def _check(path: str, rule: Rule | None, value: object, problems: list[str]) -> object:
    """Check what ``path`` names, by its own rule or else by the ``rule`` of the map or list that it is in."""
    rule = _RULES.get(path, rule)
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value).items()
        # A map's keys are the user's; those of a nested type are properties.
        return {
            key: _check(f"{path}.{key if rule else camel_case(key)}", rule, each, problems) for key, each in members
        }
    if isinstance(value, list | tuple):
        return [_check(path, rule, each, problems) for each in cast("list[object]", value)]
    if rule and isinstance(value, pulumi.Output):
        return cast("pulumi.Output[str]", value).apply(partial(_require, path, rule))
    if rule and isinstance(value, str) and (value or path not in _OPTIONAL):
        problems += filter(None, [rule.problem(path, value)])
    return value


def _require(path: str, rule: Rule, value: str) -> str:
    # What comes from another resource may be secret, so it is not shown.
    if not rule.accepts(value) and (value or path not in _OPTIONAL):
        raise ArgumentsError(f"{path} must be {rule.wants}.")
    return value


def camel_case(name: str) -> str:
    """Return the name that the package's schema gives to an argument."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
