"""Reads configuration and environment. Problems are collected, so that one preview reports all of them."""

import json
import os
import re
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pulumi
import yaml
from pulumi.runtime import is_config_secret
from pulumi.runtime.config import CONFIG, get_config_env


class SettingsError(pulumi.RunError):
    """Settings that cannot be deployed. Pulumi shows the message without a traceback."""


@dataclass(frozen=True)
class Rule:
    """The form of a value; ``wants`` completes "must be", and ``pattern`` matches the whole value."""

    wants: str
    pattern: str

    def accepts(self, text: str) -> bool:
        return bool(re.fullmatch(self.pattern, text, re.ASCII))

    def problem(self, name: str, text: str) -> str | None:
        """Return a sentence about ``text`` unless it follows the rule."""
        return None if self.accepts(text) else must_be(name, self.wants, text)


def must_be(name: str, wants: str, text: str) -> str:
    """Return the sentence about a value that is missing or wrong; a password in an address is not shown."""
    shown = re.sub(r"//[^/]*@", "//...@", text)
    return f"{name} must be {wants}, not {shown!r}." if text else f"{name} is missing: it must be {wants}."


ORIGIN = Rule(
    "an origin such as https://example.com, without a path (http only on this machine)",
    r"(?i:https://([\w.-]+|\[[\da-f:]+\])|http://(localhost|127(\.\d{1,3}){3}|\[::1\]))(:\d{1,5})?",
)


class Reader:
    """One pass over a stack's settings, which ``project_file`` declares; ``problems`` has a sentence for each fault."""

    def __init__(self, project_file: Path) -> None:
        self.project = pulumi.get_project()
        declared = yaml.safe_load(project_file.read_text(encoding="utf-8"))["config"]
        self.problems = list(_unknown_keys(self.project, sorted(declared)))

    def text(self, key: str, rule: Rule, *, required: bool = True) -> str:
        """Return a text that follows ``rule``, or "" if it is not required."""
        text = self._value(key)
        if text or required:
            self._require(key, text, rule.wants, fits=rule.accepts(text))
        return text

    def origin(self, key: str, *, required: bool = True) -> str:
        """Return an origin, scheme://host[:port], in lower case."""
        return self.text(key, ORIGIN, required=required).lower()

    def choice(self, key: str, *choices: str) -> str:
        """Return one of ``choices``, the first after a problem."""
        text = self._value(key)
        self._require(key, text, " or ".join(filter(None, choices)), fits=text in choices)
        return text if text in choices else choices[0]

    def boolean(self, key: str) -> bool:
        return self.choice(key, "false", "true") == "true"

    def number(self, key: str, lowest: int, highest: int) -> int:
        """Return a whole number between the two, or ``highest`` after a problem."""
        text = self._value(key)
        fits = bool(re.fullmatch(r"\d{1,6}", text, re.ASCII)) and lowest <= int(text) <= highest
        self._require(key, text, f"a whole number from {lowest} to {highest}", fits=fits)
        return int(text) if fits else highest

    def texts(self, key: str, rule: Rule) -> tuple[str, ...]:
        """Return a list of texts that each follow ``rule``, without duplicates."""
        text = self._value(key)
        try:
            values = [str(value) for value in json.loads(text)]
        except (ValueError, TypeError):
            values = [text]
        self._require(key, text, rule.wants, fits=text.startswith("[") and all(map(rule.accepts, values)))
        return tuple(dict.fromkeys(values))

    def secret(self, key: str, *, required: bool) -> pulumi.Output[str] | None:
        """Return a secret, or nothing if it is unset; its value is never shown."""
        text, name = self._value(key), self._name(key)
        if required and not text:
            self.problems.append(f"{name} is missing. Set it with `pulumi config set --secret {name}`.")
        if re.search(r"\s", text):
            self.problems.append(f"{name} contains white space. Set it again with `pulumi config set --secret {name}`.")
        self.require_encrypted(key)
        return pulumi.Output.secret(text) if text else None

    def require_encrypted(self, *keys: str) -> None:
        """Report each of ``keys`` that is stored in clear."""
        for name in map(self._name, keys):
            if self._value(name) and not is_config_secret(name):
                self.problems.append(f"{name} is stored in clear. Set it with `pulumi config set --secret {name}`.")

    def provider(self, key: str, variables: Sequence[str], rule: Rule) -> str:
        """Return a provider's setting, from ``key`` (with its namespace) or the first variable that is set."""
        text = read_provider_setting(key, variables)
        self._require(key, text, f"{rule.wants} (or {variables[0]} in the environment)", fits=rule.accepts(text))
        return text

    def _value(self, key: str) -> str:
        return _read(self._name(key))

    def _name(self, key: str) -> str:
        return key if ":" in key else f"{self.project}:{key}"

    def _require(self, key: str, text: str, wants: str, *, fits: bool) -> None:
        if not fits:
            self.problems.append(must_be(self._name(key), wants, text))


def read_provider_setting(key: str, variables: Iterable[str]) -> str:
    """Return a provider's setting, from ``key`` (with its namespace) or the first variable that is set, or ""."""
    return _read(key) or next(filter(None, map(os.environ.get, variables)), "")


def _read(key: str) -> str:
    namespace, _, name = key.rpartition(":")
    return (pulumi.Config(namespace).get(name) or "").strip()


def _unknown_keys(project: str, declared: Sequence[str]) -> Generator[str]:
    """Yield a sentence for each setting of ``project`` that its project file does not declare."""
    keys = {key.partition(":")[2] for key in {**get_config_env(), **CONFIG.get()} if key.startswith(f"{project}:")}
    for key in sorted(keys - set(declared)):
        suggestion = suggest(key, declared)
        yield f"{project}:{key} is not a setting{suggestion}: remove it with `pulumi config rm {project}:{key}`."


def suggest(name: str, known: Iterable[str]) -> str:
    """Return " (did you mean ...?)" with the nearest of the ``known`` names, or "" if none is near."""
    by_lower_case = {each.lower(): each for each in known}
    nearest = get_close_matches(name.lower(), by_lower_case, n=1)
    return f" (did you mean {by_lower_case[nearest[0]]}?)" if nearest else ""
