"""The environment variables that Pulumi's engine runs with: nothing of the user's own set-up."""

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_OWN_SETUPS = ("AUTH0_", "CLOUDSDK_", "GCLOUD_", "GOOGLE_", "PULUMI_")


@contextmanager
def clean_environment() -> Generator[dict[str, str]]:
    """Hide the variables that configure Pulumi, Auth0 or Google from this process until the block ends; yield them."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_OWN_SETUPS)}
    try:
        yield hidden
    finally:
        os.environ.update(hidden)


def engine_environment(folder: Path) -> dict[str, str]:
    """Return variables with which the engine keeps everything in ``folder`` and makes no calls of its own."""
    state = folder / "state"
    state.mkdir()
    return {
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": secrets.token_urlsafe(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
