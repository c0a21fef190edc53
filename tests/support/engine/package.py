"""A program that uses the component package and nothing else of this repository."""

import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi.automation import ConfigValue, EngineEvent, LocalWorkspace, ProjectSettings, PulumiCommand, Stack
from pulumi.automation.errors import CommandError

from rehearsal.emulated_vendors import APPLICATION, EmulatedVendors
from rehearsal.plugins import plugin_environment
from rehearsal.stack import Secret
from tests.support.engine.driving import Change
from tests.support.engine.inline_loops import finished_loops
from tests.support.infra.declaring import ROOT

OUTPUTS = (
    "proxyUrl",
    "tokenUrl",
    "healthUrl",
    "connectionId",
    "connectionName",
    "redirectUri",
    "redirectDomain",
    "version",
)


def provider_settings(vendors: EmulatedVendors) -> dict[str, str]:
    """Return the configuration of the providers, without that of this project's own program."""
    return {key: value for key, value in vendors.configuration().items() if not key.startswith("tiktok-login:")}


def declare_providers(prefix: str, vendors: EmulatedVendors) -> list[pulumi.ProviderResource]:
    """Declare an auth0 and a gcp provider for these vendors, which a program passes to its resources."""
    properties: dict[str, dict[str, Any]] = {"auth0": {}, "gcp": {}}
    for name, value in provider_settings(vendors).items():
        package, _, key = name.partition(":")
        if "." not in key:
            properties[package][key] = pulumi.Output.secret(str(value)) if isinstance(value, Secret) else value
    return [pulumi.ProviderResource(package, f"{prefix}-{package}", each) for package, each in properties.items()]


class RemoteLogin(pulumi.ComponentResource):
    """``TikTokLogin``, as the SDK that Pulumi generates declares it."""

    def __init__(self, name: str, arguments: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        properties = {**dict.fromkeys(OUTPUTS), **arguments}
        super().__init__("tiktok-login:index:TikTokLogin", name, properties, opts, remote=True)


@contextmanager
def attached_host() -> Generator[str]:
    """Start the package's host, and yield its entry for PULUMI_DEBUG_PROVIDERS."""
    command = [sys.executable, "-m", "tests.support.infra.attached_host"]
    # The host reads the user's configuration from the engine, never from the environment of whoever tests.
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # this one
        try:
            assert process.stdout is not None
            yield f"tiktok-login:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def login_arguments(vendors: EmulatedVendors) -> dict[str, Any]:
    """Return arguments of a ``TikTokLogin`` on these vendors, without the client secret."""
    return {
        "clientKey": vendors.client_key,
        "applications": {"web": APPLICATION},
        "tiktokOrigin": vendors.tiktok_origin,
        "tiktokApiOrigin": vendors.tiktok_origin,
        "loginOrigin": vendors.login_origin,
        "protect": False,
    }


@dataclass
class PackageUser:
    """A stack whose program declares one ``TikTokLogin``; tests change its ``arguments``.

    An output belongs to one run of the program, so a function that makes it stands for it.
    """

    vendors: EmulatedVendors
    folder: Path
    arguments: dict[str, Any]
    said: list[str] = field(default_factory=list[str])
    stack: Stack = field(init=False)

    def program(self) -> None:
        secret = pulumi.Output.secret(self.vendors.client_secret)
        arguments = {key: value() if callable(value) else value for key, value in self.arguments.items()}
        login = RemoteLogin("login", {"clientSecret": secret, **arguments})
        for output in OUTPUTS:
            pulumi.export(output, getattr(login, output))

    def preview(self) -> list[Change]:
        """Return what an update would change."""
        events: list[EngineEvent] = []
        self.stack.preview(on_event=events.append, on_output=self.said.append, on_error=self.said.append, color="never")
        return _changes(events)

    def up(self) -> list[Change]:
        """Update, and return what was changed."""
        events: list[EngineEvent] = []
        self.stack.up(on_event=events.append, on_output=self.said.append, on_error=self.said.append, color="never")
        return _changes(events)

    def refusal(self) -> str:
        """Preview what must be refused, and return what the engine said."""
        said: list[str] = []
        with finished_loops():
            try:
                self.stack.preview(on_output=said.append, on_error=said.append, color="never")
            except CommandError:
                return "\n".join(said)
        raise AssertionError(said)


def _changes(events: list[EngineEvent]) -> list[Change]:
    steps = [event.resource_pre_event.metadata for event in events if event.resource_pre_event]
    return [(step.op.value, step.urn.rpartition("::")[2]) for step in steps if step.op.value != "same"]


@contextmanager
def package_user(vendors: EmulatedVendors, command: PulumiCommand, folder: Path) -> Generator[PackageUser]:
    """Yield a user of the package on these vendors."""
    user = PackageUser(vendors, folder, login_arguments(vendors))
    with plugin_environment("stand-in", vendors, folder, command) as environment, attached_host() as host:
        attached = f"{environment['PULUMI_DEBUG_PROVIDERS']},{host}"
        workspace = LocalWorkspace(
            str(folder),
            program=user.program,
            project_settings=ProjectSettings(name="shop", runtime="python"),
            env_vars={**environment, "PULUMI_DEBUG_PROVIDERS": attached},
            pulumi_command=command,
        )
        user.stack = Stack.create("dev", workspace)
        settings = provider_settings(vendors).items()
        values = {key: ConfigValue(value, isinstance(value, Secret)) for key, value in settings}
        user.stack.set_all_config(values, path=True)
        yield user
