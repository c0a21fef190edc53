"""The stand-ins under Pulumi's own engine, with a program of one resource."""

import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi_auth0
import pytest
from pulumi.automation import ConfigValue, LocalWorkspace, ProjectSettings, PulumiCommand, Stack
from pulumi.automation.errors import CommandError

from rehearsal.emulated_vendors import EmulatedVendors, emulated_vendors
from rehearsal.environment import clean_environment
from rehearsal.plugins import plugin_environment
from rehearsal.stack import Secret
from tests.support.engine.inline_loops import finished_loops

pytestmark = pytest.mark.engine


@dataclass
class OneConnection:
    """A stack whose program declares one connection, under a display name that tests change."""

    vendors: EmulatedVendors
    folder: Path
    display_name: str = "Before"

    def program(self) -> None:
        """Declare it."""
        pulumi_auth0.Connection(
            "connection",
            name="tiktok",
            strategy="oauth2",
            display_name=self.display_name,
            options={"client_id": "key", "client_secret": self.vendors.client_secret},
        )

    def state(self) -> dict[str, Any]:
        """Return what the engine keeps of the connection."""
        file = next(self.folder.glob("state/.pulumi/stacks/*/one.json"))
        return json.loads(file.read_text())["checkpoint"]["latest"]["resources"][-1]

    def in_the_tenant(self) -> list[str]:
        """Return the display names of the connections that are there."""
        return [connection["display_name"] for connection in self.vendors.tenant.connections.values()]


@pytest.fixture
def declared(tmp_path: Path) -> Generator[OneConnection]:
    """Yield a connection that is declared, and an emulated tenant to make it in."""
    with clean_environment(), emulated_vendors() as vendors:
        yield OneConnection(vendors, tmp_path)


@pytest.fixture
def stack(declared: OneConnection, pulumi: PulumiCommand) -> Generator[Stack]:
    """Yield the stack, with the stand-ins attached."""
    with plugin_environment("stand-in", declared.vendors, declared.folder, pulumi) as environment:
        workspace = LocalWorkspace(
            str(declared.folder),
            program=declared.program,
            env_vars=environment,
            pulumi_command=pulumi,
            project_settings=ProjectSettings("one", "python"),
        )
        stack = Stack.create("one", workspace)
        for name, value in declared.vendors.configuration().items():
            if name.startswith("auth0:"):
                stack.set_config(name, ConfigValue(value, isinstance(value, Secret)))
        with finished_loops():
            yield stack


def test_a_change_that_auth0_refuses_is_made_by_the_next_up(declared: OneConnection, stack: Stack) -> None:
    stack.up()
    declared.display_name = "After"
    declared.vendors.tenant.queue_error("PATCH", "/api/v2/connections/*", 403, message="Insufficient scope")

    with pytest.raises(CommandError, match="403 Forbidden: Insufficient scope"):
        stack.up()
    half_done = declared.state()
    stack.up()

    assert half_done["inputs"]["displayName"] == "Before"
    assert half_done["outputs"]["displayName"] == "After"
    assert half_done["initErrors"]
    assert declared.vendors.client_secret not in json.dumps(half_done)
    assert declared.in_the_tenant() == ["After"]
    assert stack.preview(expect_no_changes=True).change_summary == {"same": 2}
