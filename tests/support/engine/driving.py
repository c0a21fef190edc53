"""A deployment for tests: the real engine, the emulators, and outputs and changes as plain data."""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation import EngineEvent, PulumiCommand, PulumiFn
from pulumi.automation.errors import CommandError

from emulators.kit.recording import Exchange
from rehearsal.deployment import Deployment, deployment
from rehearsal.emulated_vendors import EmulatedVendors
from rehearsal.plugins import Plugins
from rehearsal.stack import Secret, configure
from tests.support.engine.inline_loops import finished_loops
from tests.support.schemas import auth0, google

Change = tuple[str, str]
"""What is done to which resource, by the name that the program gives it: ("update", "tiktok-connection")."""

_NO_CHANGE = {"same", "read", "refresh", "replace"}  # replace only announces: its delete and its create follow
# The first update after a create, before any refresh, also lists these as added, with {}: the provider's bridge to
# Terraform plans {} where the state has null.
_LISTED_BY_THE_FIRST_UPDATE = {
    "options.authParams",
    "options.configuration",
    "options.customScripts",
    "template.annotations",
    "template.labels",
}
CONNECTIONS = "/api/v2/connections"
SERVICES = "/v2/projects/proj-1/locations/europe-west1/services"


class Driver:
    """The verbs of ``pulumi``, for one stack; ``said`` is everything that the engine printed."""

    def __init__(self, deployed: Deployment) -> None:
        """Drive ``deployed``, whose settings are those of a rehearsal until a test changes them."""
        self.stack, self.folder, self.vendors = deployed.stack, deployed.folder, deployed.vendors
        self.said: list[str] = []
        self.secrets = [self.vendors.client_secret, self.vendors.deployer_secret]
        self.paths: dict[str, list[str]] = {}

    def preview(self, *, refresh: bool = False, program: PulumiFn | None = None) -> list[Change]:
        """Return what an update would change, and keep in ``paths`` which properties of each resource."""
        done: list[EngineEvent] = []
        hear = self.said.append
        self.stack.preview(
            refresh=refresh, program=program, on_event=done.append, on_output=hear, on_error=hear, color="never"
        )
        return self._changes(done)

    def up(self, *, refresh: bool = False, program: PulumiFn | None = None) -> list[Change]:
        """Update, and return what was changed, in that order."""
        done: list[EngineEvent] = []
        hear = self.said.append
        self.stack.up(
            refresh=refresh, program=program, on_event=done.append, on_output=hear, on_error=hear, color="never"
        )
        return self._changes(done)

    def refresh(self) -> list[Change]:
        """Bring the state in line with what is there, and return what differed."""
        done: list[EngineEvent] = []
        hear = self.said.append
        self.stack.refresh(on_event=done.append, on_output=hear, on_error=hear, color="never")
        steps = [event.res_outputs_event.metadata for event in done if event.res_outputs_event]
        return [(step.op.value, _name(step.urn)) for step in steps if step.op.value not in _NO_CHANGE]

    def destroy(self) -> None:
        """Take everything away."""
        self.stack.destroy(on_output=self.said.append, on_error=self.said.append, color="never")

    def preview_destruction(self) -> None:
        """Ask what destroying would do, as the CLI does before it destroys."""
        self.stack.preview_destroy(on_output=self.said.append, on_error=self.said.append, color="never")

    def refusal(self, act: Callable[[], object]) -> str:
        """Do what has to fail, and return everything that the engine said."""
        before = len(self.said)
        with finished_loops(), pytest.raises(CommandError):
            act()
        return "\n".join(self.said[before:])

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        return self.resources()[f"{self._project}-rehearsal"]["outputs"]

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the resources in the state, by name; secrets are ciphertext. A state that is broken fails here."""
        files = list(self.folder.glob("state/.pulumi/stacks/*/rehearsal.json"))
        checkpoint = json.loads(files[0].read_text())["checkpoint"]
        assert not checkpoint["latest"].get("pending_operations")
        return {_name(resource["urn"]): resource for resource in checkpoint["latest"]["resources"]}

    @contextmanager
    def settings(self, settings: Mapping[str, str]) -> Generator[None]:
        """Set this while the block lasts; deploying it is the test's, and what was before is deployed afterwards."""
        self.secrets += [value for value in settings.values() if isinstance(value, Secret)]
        file = Path(self.stack.workspace.work_dir, "Pulumi.rehearsal.yaml")
        before = file.read_text()
        configure(self.stack, {self._full(name): value for name, value in settings.items()})
        try:
            yield
        finally:
            file.write_text(before)
        self.up()

    @cached_property
    def _project(self) -> str:
        return self.stack.workspace.project_settings().name

    def _full(self, name: str) -> str:
        return name if ":" in name else f"{self._project}:{name}"

    def _changes(self, done: list[EngineEvent]) -> list[Change]:
        steps = [event.resource_pre_event.metadata for event in done if event.resource_pre_event]
        made = [step for step in steps if step.op.value not in _NO_CHANGE and "pulumi:providers:" not in step.urn]
        self.paths = {
            _name(step.urn): sorted((step.detailed_diff or {}).keys() - _LISTED_BY_THE_FIRST_UPDATE) for step in made
        }
        return [(step.op.value, _name(step.urn)) for step in made]


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def changing(exchanges: list[Exchange], path: str = "") -> list[str]:
    """Return the calls that change something below ``path``, in their order, without their queries."""
    return [
        f"{exchange.method} {exchange.path}"
        for exchange in exchanges
        if exchange.method != "GET" and exchange.path.startswith(path) and exchange.path != "/oauth/token"
    ]


@contextmanager
def driven(command: PulumiCommand, plugins: Plugins) -> Generator[Driver]:
    """Yield a driver; afterwards check its exchanges against the published schemas, and search for secrets."""
    with deployment(command, plugins=plugins) as deployed:
        driver = Driver(deployed)
        yield driver
        assert not google.violations(driver.vendors.cloud.received)
        assert not auth0.violations(driver.vendors.tenant.received)
        assert not secrets_in(driver.folder, driver.said, driver.secrets)


def secrets_in(folder: Path, said: list[str], secrets: list[str]) -> list[str]:
    """Return where a secret stands in clear: in which file of ``folder``, or in what was said."""
    places = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    places |= {"what the engine said": "\n".join(said).encode()}
    return [place for place, content in places.items() if any(secret.encode() in content for secret in secrets)]


def nothing_is_deployed(vendors: EmulatedVendors) -> bool:
    """Tell whether neither Auth0 nor Google holds anything that a deployment made."""
    cloud = vendors.cloud
    return not (
        vendors.tenant.connections or cloud.services or cloud.buckets or cloud.accounts or cloud.machine.instances
    )
