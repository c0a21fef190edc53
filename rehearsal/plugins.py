"""The provider plugins that the engine works with: stand-ins in this process, or the released ones."""

import json
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pulumi.automation import PulumiCommand

from infra.archive.cache import cache_folder
from rehearsal import progress
from rehearsal.emulated_vendors import EmulatedVendors
from rehearsal.environment import engine_environment
from rehearsal.stand_in_plugins import serve_plugins

Plugins = Literal["stand-in", "released"]
_PROVIDERS = ("auth0", "gcp")
_INSTALL_SECONDS = 600


class PluginsMissingError(Exception):
    """A released plugin is neither on PATH nor can it be installed."""


@contextmanager
def plugin_environment(
    plugins: Plugins, vendors: EmulatedVendors, folder: Path, command: PulumiCommand
) -> Generator[dict[str, str]]:
    """Yield variables with which the engine, run in ``folder``, finds its plugins, and the plugins find ``vendors``."""
    environment = engine_environment(folder)
    if plugins == "stand-in":
        with serve_plugins(environment=os.environ, tls=vendors.authority.client_context()) as providers:
            yield {**environment, "PULUMI_DEBUG_PROVIDERS": providers}
    else:
        _install_plugins(command, environment)
        bundle = vendors.authority.write_bundle(folder / "trusted.pem")
        yield {**environment, **_released_plugins_environment(folder, bundle)}


def _released_plugins_environment(folder: Path, bundle: Path) -> dict[str, str]:
    """Return variables that keep the released plugins on this machine and make them trust ``bundle``.

    Without these they call Google and Auth0's script host on each command, whatever endpoints are configured.
    """
    credentials = folder / "nobody.json"
    nobody = {"type": "authorized_user", "client_id": "nobody", "client_secret": "none", "refresh_token": "none"}
    credentials.write_text(json.dumps(nobody))
    return {
        "SSL_CERT_FILE": str(bundle),
        "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
        "PULUMI_GCP_SKIP_REGION_VALIDATION": "true",
        "HTTPS_PROXY": "http://127.0.0.1:9",  # the discard port, where nothing listens
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _install_plugins(command: PulumiCommand, environment: dict[str, str]) -> None:
    """Install the plugins that are not on PATH into a Pulumi home that is kept, and link this run's home to them."""
    kept = cache_folder() / "pulumi" / "home"
    for name in _PROVIDERS:
        if not shutil.which(f"pulumi-resource-{name}"):
            _install_plugin(command, name, {**environment, "PULUMI_HOME": str(kept)})
    (kept / "plugins").mkdir(parents=True, exist_ok=True)
    home = Path(environment["PULUMI_HOME"])
    home.mkdir()
    (home / "plugins").symlink_to(kept / "plugins")


def _install_plugin(command: PulumiCommand, name: str, environment: dict[str, str]) -> None:
    wanted = version(f"pulumi-{name}")
    try:
        progress.run(
            [command.command, "plugin", "install", "resource", name, wanted],
            label=f"Installing the released plugin {name} {wanted}",
            seconds=_INSTALL_SECONDS,
            env={**os.environ, **environment},
        )
    except progress.CommandFailedError as failure:
        raise PluginsMissingError(
            f"The released plugin {name} {wanted} is not on PATH (pulumi-resource-{name}) and cannot be installed:"
            f" {failure}. A rehearsal with stand-ins (without --plugins released) needs no plugin."
        ) from failure
