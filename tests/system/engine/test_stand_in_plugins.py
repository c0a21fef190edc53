"""The stand-in plugins under Pulumi's own engine."""

import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pulumi_auth0
import pytest
from pulumi.automation import ConfigValue, LocalWorkspace, ProjectSettings, PulumiCommand, Stack
from pulumi.automation.errors import CommandError

from rehearsal.emulated_vendors import EmulatedVendors, emulated_vendors
from rehearsal.environment import clean_environment
from rehearsal.plugins import plugin_environment
from rehearsal.stack import Secret
from tests.support.engine.driving import Driver
from tests.support.engine.inline_loops import finished_loops

pytestmark = pytest.mark.engine


@dataclass
class OneConnection:
    """A stack whose program declares one connection, under a display name that tests change."""

    vendors: EmulatedVendors
    folder: Path
    display_name: str = "Before"

    def program(self) -> None:
        pulumi_auth0.Connection(
            "connection",
            name="tiktok",
            strategy="oauth2",
            display_name=self.display_name,
            options={"client_id": "key", "client_secret": self.vendors.client_secret},
        )

    def state(self) -> dict[str, Any]:
        """Return the state of the connection."""
        file = next(self.folder.glob("state/.pulumi/stacks/*/one.json"))
        return json.loads(file.read_text())["checkpoint"]["latest"]["resources"][-1]

    def display_names_in_the_tenant(self) -> list[str]:
        """Return the display names of the tenant's connections."""
        return [connection["display_name"] for connection in self.vendors.tenant.connections.values()]


@pytest.fixture
def declared(tmp_path: Path) -> Generator[OneConnection]:
    """Yield a stack with one connection, and an emulated tenant."""
    with clean_environment(), emulated_vendors() as vendors:
        yield OneConnection(vendors, tmp_path)


@pytest.fixture
def stack(declared: OneConnection, pulumi: PulumiCommand) -> Generator[Stack]:
    """Yield the stack, with the stand-in plugins attached."""
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


def test_an_update_that_auth0_refuses_is_repeated_by_the_next_up(declared: OneConnection, stack: Stack) -> None:
    stack.up()
    declared.display_name = "After"
    declared.vendors.tenant.queue_error("PATCH", "/api/v2/connections/*", 403, message="Insufficient scope")

    with pytest.raises(CommandError, match="403 Forbidden: Insufficient scope"):
        stack.up()
    partial = declared.state()
    stack.up()

    assert partial["inputs"]["displayName"] == "Before"
    assert partial["outputs"]["displayName"] == "After"
    assert partial["initErrors"]
    assert declared.vendors.client_secret not in json.dumps(partial)
    assert declared.display_names_in_the_tenant() == ["After"]
    assert stack.preview(expect_no_changes=True).change_summary == {"same": 2}


def test_a_deployment_takes_its_credentials_from_the_environment(
    own_world: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {
        "auth0:domain": "AUTH0_DOMAIN",
        "auth0:clientId": "AUTH0_CLIENT_ID",
        "auth0:clientSecret": "AUTH0_CLIENT_SECRET",
        "gcp:accessToken": "GOOGLE_OAUTH_ACCESS_TOKEN",
        "gcp:project": "GOOGLE_PROJECT",
        "gcp:region": "GOOGLE_REGION",
    }
    config = own_world.stack.get_all_config()
    for name, variable in names.items():
        monkeypatch.setenv(variable, config[name].value)
    own_world.secrets.append(config["gcp:accessToken"].value)
    own_world.stack.remove_all_config(list(names))

    own_world.up()

    assert not names.keys() & own_world.stack.get_all_config().keys()
    assert own_world.preview(refresh=True) == []
    assert httpx2.get(own_world.outputs()["health_url"]).status_code == 200
