"""The provider plugins that the engine works with: stand-ins in this process, or the released ones."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pulumi.automation import PulumiCommand

from infra.cache import cache_folder
from rehearsal import progress
from rehearsal.emulated_vendors import EmulatedVendors
from rehearsal.environment import engine_environment, released_plugins_environment
from rehearsal.stand_in_plugins import serve_plugins

Plugins = Literal["stand-in", "released"]
_PROVIDERS = ("auth0", "gcp")
_INSTALL_SECONDS = 600


class PluginsMissingError(Exception):
    """A released plugin is neither on PATH nor can it be installed; the message says which, and why."""


@contextmanager
def provided(
    plugins: Plugins, vendors: EmulatedVendors, folder: Path, command: PulumiCommand
) -> Generator[dict[str, str]]:
    """Yield the variables under which the engine, run in ``folder``, finds its plugins, and they find ``vendors``."""
    environment = engine_environment(folder)
    if plugins == "stand-in":
        with serve_plugins(tls=vendors.authority.client_context()) as providers:
            yield {**environment, "PULUMI_DEBUG_PROVIDERS": providers}
    else:
        _install(command, environment)
        bundle = vendors.authority.write_bundle(folder / "trusted.pem")
        yield {**environment, **released_plugins_environment(folder, bundle)}


def _install(command: PulumiCommand, environment: dict[str, str]) -> None:
    """Install what is not on PATH into a Pulumi home that is kept, and lend its plugins to this run's own."""
    kept = cache_folder() / "pulumi" / "home"
    for name in _PROVIDERS:
        if not shutil.which(f"pulumi-resource-{name}"):
            _install_one(command, name, {**environment, "PULUMI_HOME": str(kept)})
    (kept / "plugins").mkdir(parents=True, exist_ok=True)
    home = Path(environment["PULUMI_HOME"])
    home.mkdir()
    (home / "plugins").symlink_to(kept / "plugins")


def _install_one(command: PulumiCommand, name: str, environment: dict[str, str]) -> None:
    wanted = version(f"pulumi-{name}")
    label = f"Installing the released plugin {name} {wanted}"
    try:
        progress.run(
            [command.command, "plugin", "install", "resource", name, wanted],
            label=label,
            seconds=_INSTALL_SECONDS,
            env={**os.environ, **environment},
        )
    except progress.CommandFailedError as failure:
        raise PluginsMissingError(
            f"The released plugin {name} {wanted} is not on PATH (pulumi-resource-{name}), and cannot be installed:"
            f" {failure}. A rehearsal with stand-ins (without --plugins released) needs no plugin."
        ) from failure
