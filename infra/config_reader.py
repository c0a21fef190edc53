"""Values of configuration and environment, read one by one; what is wrong with them is collected, not raised."""

import json
import os
import re
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

import pulumi
from pulumi.runtime import is_config_secret

_SECRET = "a value without blanks, stored by `pulumi config set --secret`"  # noqa: S105  # words about one


class SettingsError(pulumi.RunError):
    """Settings that cannot be deployed. Pulumi shows the message without a traceback."""


def is_origin(text: str) -> bool:
    """Whether ``text`` is scheme://host[:port] and no more; plain http counts only on the machine itself."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    return safe and bool(re.fullmatch(r"[\w.:\[\]-]+", parts.netloc, re.ASCII)) and text.endswith(f"://{parts.netloc}")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Reader:
    """One pass over this stack's settings; ``problems`` has a sentence for each that is missing or wrong."""

    def __init__(self) -> None:
        """Begin without problems."""
        self.project = pulumi.get_project()
        self.problems: list[str] = []

    def text(self, key: str, *, takes: str, pattern: str = r"\S(.*\S)?", required: bool = True) -> str:
        """Return a text that ``pattern`` matches whole, or nothing where it is not required."""
        text = self._value(key)
        if text or required:
            self._hold(key, text, takes, fits=bool(re.fullmatch(pattern, text, re.ASCII)))
        return text

    def origin(self, key: str, *, required: bool = True) -> str:
        """Return an origin, scheme://host[:port]; http is taken only on the machine itself."""
        text = self._value(key)
        if text or required:
            takes = "an origin, https://host without a path (http only on this machine)"
            self._hold(key, re.sub(r"//[^/]*@", "//...@", text), takes, fits=is_origin(text))
        return text

    def choice(self, key: str, *choices: str) -> str:
        """Return one of ``choices``."""
        text = self._value(key)
        self._hold(key, text, " or ".join(choices), fits=text in choices)
        return text

    def switch(self, key: str) -> bool:
        """Return a boolean."""
        return self.choice(key, "true", "false") == "true"

    def number(self, key: str, lowest: int, highest: int) -> int:
        """Return a whole number between the two, or ``highest`` after a problem."""
        text = self._value(key)
        fits = bool(re.fullmatch(r"\d{1,6}", text, re.ASCII)) and lowest <= int(text) <= highest
        self._hold(key, text, f"a whole number from {lowest} to {highest}", fits=fits)
        return int(text) if fits else highest

    def texts(self, key: str, *, takes: str, pattern: str) -> tuple[str, ...]:
        """Return a list of texts that ``pattern`` matches whole, each once."""
        text = self._value(key)
        try:
            values = [str(value) for value in json.loads(text)]
        except (ValueError, TypeError):
            values = [text]
        fits = text.startswith("[") and all(re.fullmatch(pattern, value, re.ASCII) for value in values)
        self._hold(key, text, takes, fits=fits)
        return tuple(dict.fromkeys(values))

    def secret(self, key: str, *, required: bool) -> pulumi.Output[str] | None:
        """Return a secret, or nothing where it is unset; one that is kept in clear is a problem."""
        text, name = self._value(key), f"{self.project}:{key}"
        if not text:
            if required:
                self._hold(key, text, _SECRET, fits=False)
            return None
        if re.search(r"\s", text):
            self.problems.append(f"{name} has a blank in it (its value is not shown): it takes {_SECRET}.")
        if not is_config_secret(name):
            self.problems.append(f"{name} is kept in clear: it takes {_SECRET}.")
        return pulumi.Output.secret(text)

    def provider(self, key: str, variables: Sequence[str], *, takes: str, pattern: str) -> str:
        """Return a provider's setting, from ``key`` (with its namespace) or else the first variable that is set."""
        text = self.unchecked(key, variables)
        self._hold(key, text, f"{takes} (or {variables[0]} in the environment)", fits=bool(re.fullmatch(pattern, text)))
        return text

    def unchecked(self, key: str, variables: Sequence[str]) -> str:
        """Return a provider's setting, as ``provider`` does, or nothing; it is not checked."""
        found = [self._value(key), *(os.environ.get(variable, "") for variable in variables)]
        return next(filter(None, found), "")

    def _value(self, key: str) -> str:
        namespace, _, name = key.rpartition(":")
        return (pulumi.Config(namespace or self.project).get(name) or "").strip()

    def _hold(self, key: str, text: str, takes: str, *, fits: bool) -> None:
        if not fits:
            full = key if ":" in key else f"{self.project}:{key}"
            self.problems.append(f"{full} is {f'{text!r}' if text else 'missing'}: it takes {takes}.")
