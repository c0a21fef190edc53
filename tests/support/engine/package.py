"""A program that uses the component package, and knows nothing of this repository."""

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

from rehearsal.emulated_vendors import EmulatedVendors
from rehearsal.plugins import plugin_environment
from rehearsal.stack import Secret
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


@dataclass
class PackageUser:
    """A stack whose program declares one ``TikTokLogin``; tests change its ``arguments``.

    An output belongs to one run of the program, so a function that makes it stands for it.
    """

    vendors: EmulatedVendors
    folder: Path
    arguments: dict[str, Any]
    provider_settings: dict[str, str]
    said: list[str] = field(default_factory=list[str])
    explicit_providers: bool = False
    stack: Stack = field(init=False)

    def program(self) -> None:
        secret = pulumi.Output.secret(self.vendors.client_secret)
        arguments = {key: value() if callable(value) else value for key, value in self.arguments.items()}
        login = RemoteLogin("login", {"clientSecret": secret, **arguments}, self._options())
        for output in OUTPUTS:
            pulumi.export(output, getattr(login, output))

    def _options(self) -> pulumi.ResourceOptions | None:
        if not self.explicit_providers:
            return None
        return pulumi.ResourceOptions(providers=[self._provider("auth0"), self._provider("gcp")])

    def _provider(self, name: str) -> pulumi.ProviderResource:
        settings = {key.partition(":")[2]: value for key, value in self.provider_settings.items() if name in key}
        properties = {
            key: pulumi.Output.secret(value) if isinstance(value, Secret) else value
            for key, value in settings.items()
            if "." not in key
        }
        return pulumi.ProviderResource(name, f"own-{name}", properties)

    def up(self) -> list[tuple[str, str]]:
        """Update, and return what was changed."""
        events: list[EngineEvent] = []
        self.stack.up(on_event=events.append, on_output=self.said.append, on_error=self.said.append, color="never")
        steps = [event.resource_pre_event.metadata for event in events if event.resource_pre_event]
        return [(step.op.value, step.urn.rpartition("::")[2]) for step in steps if step.op.value != "same"]

    def refusal(self) -> str:
        """Preview what must be refused, and return what the engine said."""
        said: list[str] = []
        with finished_loops():
            try:
                self.stack.preview(on_output=said.append, on_error=said.append, color="never")
            except CommandError:
                return "\n".join(said)
        raise AssertionError(said)


@contextmanager
def package_user(vendors: EmulatedVendors, command: PulumiCommand, folder: Path) -> Generator[PackageUser]:
    """Yield a user of the package on these vendors."""
    settings = {key: value for key, value in vendors.configuration().items() if not key.startswith("tiktok-login:")}
    arguments: dict[str, Any] = {
        "clientKey": vendors.client_key,
        "applications": {"web": "rehearsal-application"},
        "tiktokOrigin": vendors.tiktok_origin,
        "tiktokApiOrigin": vendors.tiktok_origin,
        "loginOrigin": vendors.login_origin,
        "protect": False,
    }
    user = PackageUser(vendors, folder, arguments, settings)
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
        values = {key: ConfigValue(value, isinstance(value, Secret)) for key, value in settings.items()}
        user.stack.set_all_config(values, path=True)
        yield user
