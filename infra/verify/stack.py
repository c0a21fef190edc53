"""A stack as Pulumi's CLI knows it: its outputs and its settings."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import Any, Self

from infra.verify.tenant import Tenant

_PROJECT = "tiktok-login"
_SECONDS = 900


class NoStack(Exception):
    """The stack cannot be read; the message says why and what to do."""


def pulumi(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Pulumi's CLI, which waits for nobody, and return what it said, or raise ``NoStack`` where there is none."""
    command = shutil.which("pulumi")
    if not command:
        raise NoStack("There is no Pulumi CLI on PATH: install it (https://www.pulumi.com/docs/install/).")
    asked = [command, *arguments, "--non-interactive", "--color", "never"]
    return subprocess.run(asked, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # the CLI


@dataclass(frozen=True, kw_only=True)
class LiveStack:
    """What a stack has been told and what it has put out; neither is shown."""

    name: str
    outputs: dict[str, Any] = field(repr=False)
    config: dict[str, dict[str, Any]] = field(repr=False)

    @classmethod
    def read(cls, name: str, *, deployed: bool = True) -> Self:
        """Read both by the CLI, or raise ``NoStack``, also where the stack ought to be deployed and is not."""
        outputs = _json("stack", "output", "--json", "--stack", name)
        if deployed and "connection_id" not in outputs:
            raise NoStack(f"Stack {name} has no connection at Auth0 yet: pulumi up --stack {name}.")
        return cls(name=name, outputs=outputs, config=_json("config", "--json", "--show-secrets", "--stack", name))

    def setting(self, key: str, variable: str = "") -> str:
        """Return a setting as text (one of the project's own without a namespace), or the variable's, or nothing."""
        known = self.config.get(key if ":" in key else f"{_PROJECT}:{key}", {})
        return str(known.get("value", "")) or os.environ.get(variable, "")

    def texts(self, key: str) -> list[str]:
        """Return a setting that is a list."""
        return [str(each) for each in json.loads(self.setting(key) or "[]")]

    def hide(self, text: str) -> str:
        """Return ``text`` without any of the stack's secrets."""
        for known in self.config.values():
            if known.get("secret") and known.get("value"):
                text = text.replace(str(known["value"]), "[secret]")
        return text

    @property
    def tenant(self) -> Tenant:
        """The stack's tenant, by the credentials that deploy it."""
        return Tenant(
            domain=self.setting("auth0:domain", "AUTH0_DOMAIN"),
            client_id=self.setting("auth0:clientId", "AUTH0_CLIENT_ID"),
            client_secret=self.setting("auth0:clientSecret", "AUTH0_CLIENT_SECRET"),
        )


def _json(*arguments: str) -> dict[str, Any]:
    answer = pulumi(*arguments)
    if answer.returncode:
        raise NoStack(f"Pulumi cannot read the stack: {(answer.stderr.strip().splitlines() or ['no reason'])[-1]}")
    return json.loads(answer.stdout)
