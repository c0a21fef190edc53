"""What a stack's state holds of its connection, by Pulumi's CLI."""

import json
from dataclasses import dataclass
from typing import Any, Self

from operations.verify.check import hold
from operations.verify.stack import LiveStack, pulumi

CONNECTION = "tiktok-connection"
"""What infra/tiktok_connection.py calls the connection."""
_ENABLED = "auth0:index/connectionClient:ConnectionClient"


@dataclass(frozen=True, kw_only=True)
class State:
    """The resources of a stack."""

    stack: str
    resources: list[dict[str, Any]]

    @classmethod
    def read(cls, stack: LiveStack) -> Self:
        """Have the CLI export it, or raise ``Failed``."""
        listed = pulumi("stack", "export", "--stack", stack.name)
        hold(listed.returncode == 0, "Pulumi cannot export the stack.")
        return cls(stack=stack.name, resources=json.loads(listed.stdout)["deployment"].get("resources") or [])

    @property
    def connection_id(self) -> str:
        """The id of the stack's connection, or nothing where it has none."""
        return "".join(each.get("id", "") for each in self._connections)

    @property
    def applications(self) -> set[str]:
        """The client ids of the applications that the stack has enabled its connection for."""
        return {each["inputs"]["clientId"] for each in self.resources if each["type"] == _ENABLED}

    def forget_connection(self) -> None:
        """Have the CLI forget it, and for which applications it is enabled, or raise ``Failed``."""
        for urn in [each["urn"] for each in self._connections]:
            done = pulumi("state", "delete", urn, "--target-dependents", "--force", "--yes", "--stack", self.stack)
            hold(done.returncode == 0, f"Pulumi does not forget {urn}: {done.stderr.strip()}")

    @property
    def _connections(self) -> list[dict[str, Any]]:
        return [each for each in self.resources if each["urn"].endswith(f"::{CONNECTION}")]
