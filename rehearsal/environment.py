"""The variables under which Pulumi's engine runs here: nothing of the user's own set-up is read or changed."""

import json
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_OWN_SETUPS = ("AUTH0_", "CLOUDSDK_", "GCLOUD_", "GOOGLE_", "PULUMI_")


@contextmanager
def clean_environment() -> Generator[dict[str, str]]:
    """Take every variable that sets up Pulumi, Auth0 or Google out of this process until the block ends; yield them."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_OWN_SETUPS)}
    try:
        yield hidden
    finally:
        os.environ.update(hidden)


def engine_environment(folder: Path) -> dict[str, str]:
    """Return what makes the engine keep everything in ``folder``, and call nothing that is not asked of it."""
    state = folder / "state"
    state.mkdir()
    return {
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": secrets.token_urlsafe(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def released_plugins_environment(folder: Path, bundle: Path) -> dict[str, str]:
    """Return what keeps the released plugins on this machine, where the certificates in ``bundle`` are trusted.

    Without these they call Google and Auth0's script host on each command, whatever endpoints are configured.
    """
    credentials = folder / "nobody.json"
    nobody = {"type": "authorized_user", "client_id": "nobody", "client_secret": "none", "refresh_token": "none"}
    credentials.write_text(json.dumps(nobody))
    return {
        "SSL_CERT_FILE": str(bundle),
        "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
        "PULUMI_GCP_SKIP_REGION_VALIDATION": "true",
        "HTTPS_PROXY": "http://127.0.0.1:9",  # the discard port: nothing is there
        "NO_PROXY": "127.0.0.1,localhost",
    }
