"""A recorded state of this program, for previews of today's program against it.

``python -m tests.support.engine.recorded_state`` records it anew, for a release that may replace resources.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import cast

import yaml
from pulumi.automation import Deployment, Stack

from infra.archive.cache import THIS_MACHINE, archive
from infra.vendor_rules import THIS_PYTHON
from rehearsal.emulated_vendors import EmulatedVendors
from rehearsal.environment import clean_environment
from rehearsal.pulumi_cli import pulumi_cli
from rehearsal.stack import STACK, configure
from tests.support.engine.driving import Driver, driven

_FILE = Path(__file__).with_name("recorded_state.json")
SETTINGS = {"tiktok-login:alertEmail": "on-call@example.com", "tiktok-login:publicAccess": "all-users"}
"""What is set beside the settings of a rehearsal, so that each kind of resource is in the state."""


def import_recorded(driver: Driver) -> None:
    """Give the stack the recorded state, as if it had been deployed to the driver's vendors."""
    text = _FILE.read_text()
    for value, name in _placeholders(driver.stack, driver.vendors).items():
        text = text.replace(name, value)
    recorded = json.loads(text)
    # The state is recorded with its secrets in clear; the engine encrypts them with this stack's passphrase.
    settings = yaml.safe_load(Path(driver.stack.workspace.work_dir, f"Pulumi.{STACK}.yaml").read_text())
    providers = {"type": "passphrase", "state": {"salt": settings["encryptionsalt"]}}
    deployment = {**recorded["deployment"], "secrets_providers": providers}
    driver.stack.import_stack(Deployment(version=recorded["version"], deployment=deployment))


def recorded_names() -> set[str]:
    """Return the names of the recorded resources."""
    resources = cast("list[dict[str, str]]", json.loads(_FILE.read_text())["deployment"]["resources"])
    return {each["urn"].rpartition("::")[2] for each in resources}


def _placeholders(stack: Stack, vendors: EmulatedVendors) -> dict[str, str]:
    """Return a placeholder for each text that differs from run to run."""
    packed = archive("proxy_app", THIS_MACHINE)
    texts = {
        "client-secret-digest": sha256(vendors.client_secret.encode()).hexdigest(),
        "client-secret": vendors.client_secret,
        "client-key": vendors.client_key,
        "deployer-secret": vendors.deployer_secret,
        "access-token": stack.get_config("gcp:accessToken").value,
        "tiktok-origin": vendors.tiktok_origin,
        "login-origin": vendors.login_origin,
        "auth0-domain": vendors.domain,
        "google-origin": vendors.google_origin,
        "archive-path": str(packed.path),
        "archive-hash": sha256(packed.path.read_bytes()).hexdigest(),
        "archive-digest": packed.digest,
        "runtime": THIS_PYTHON,
    }
    return {text: f"<{name}>" for name, text in texts.items()}


def _without_positions(resource: dict[str, object]) -> dict[str, object]:
    """Leave out where in the source a resource is declared, which names folders of this machine."""
    return {key: value for key, value in resource.items() if key not in {"sourcePosition", "stackTrace"}}


def _record() -> None:
    with clean_environment(), driven(pulumi_cli(), "stand-in") as driver:
        configure(driver.stack, SETTINGS)
        driver.up()
        exported = driver.stack.export_stack()
        deployment = cast("dict[str, list[dict[str, object]]]", exported.deployment)
        resources = [_without_positions(each) for each in deployment["resources"]]
        text = json.dumps({"version": exported.version, "deployment": {"resources": resources}}, indent=1)
        for value, name in _placeholders(driver.stack, driver.vendors).items():
            text = text.replace(value, name)
        _FILE.write_text(text + "\n")


if __name__ == "__main__":
    _record()
