"""The commands of docs/getting-started.md turn empty accounts into a stack that people sign in to."""

import re
import shutil
from pathlib import Path

from pulumi.automation import Stack

from infra.vendor_rules import THIS_PYTHON
from rehearsal.emulated_vendors import APPLICATION
from rehearsal.stack import configure
from tests.support.operations.checkout import in_checkout
from tests.support.operations.documents import sections, signs_in, typed
from tests.support.operations.typing_commands import Shell

_PROJECT = Path(__file__).parents[4]
_DOCUMENT = (_PROJECT / "docs" / "getting-started.md").read_text()


# What stands indented there needs accounts, their owners' own CLIs, or a repository at GitHub.
_NOT_RUN = {"1. Accounts", "2. Bootstrap", "7. The first pull request", "One stack without GitHub"}


def test_every_command_is_run_here_or_is_left_out_for_a_reason() -> None:
    parts = re.split(r"^## ", _DOCUMENT, flags=re.MULTILINE)[1:]

    assert {part.partition("\n")[0] for part in parts if re.search(r"^    \w", part, re.MULTILINE)} == _NOT_RUN
    assert [name for name, found in sections("getting-started.md").items() if found] == ["5. Settings", "6. Deploy"]


def test_its_commands_make_a_stack_that_people_sign_in_to(own: Shell) -> None:
    shell, vendors = in_checkout(own), own.deployed.vendors
    shutil.copy(_PROJECT / "Pulumi.dev.yaml", shell.project)
    # What `gcloud services enable` asks for there; a rehearsal has no gcloud.
    vendors.cloud.enabled |= set(re.findall(r"\w+\.googleapis\.com", _DOCUMENT))
    [settings], [deploying] = sections("getting-started.md")["5. Settings"], sections("getting-started.md")["6. Deploy"]

    typed(shell, of_this_world(shell, settings), secrets_of(shell))
    lead_to_the_emulators(shell)
    said = typed(shell, deploying)

    assert "FAIL" not in said
    assert f"{vendors.login_origin}/login/callback" in said
    assert signs_in(shell, vendors.client_secret) == 200


def of_this_world(shell: Shell, block: str) -> str:
    """Return a block with everything filled in that a reader fills in."""
    vendors = shell.deployed.vendors
    known = vendors.configuration()
    filled = {
        "YOUR-TENANT.eu.auth0.com": vendors.domain,
        "DEPLOYER-CLIENT-ID": known["auth0:clientId"],
        "YOUR-PROJECT": known["gcp:project"],
        "APPLICATION-CLIENT-ID": APPLICATION,
        "CLIENT-KEY": vendors.client_key,
        "python313": THIS_PYTHON,
    }
    for word, value in filled.items():
        assert word in block
        block = block.replace(word, value)
    return block


def secrets_of(shell: Shell) -> dict[str, str]:
    """Return what is typed where a secret is asked for."""
    vendors = shell.deployed.vendors
    return {"auth0:clientSecret": vendors.deployer_secret, "clientSecret": vendors.client_secret}


def lead_to_the_emulators(shell: Shell) -> None:
    """Set what a rehearsal sets besides, which is where the vendors are."""
    vendors = shell.deployed.vendors
    everything = {**vendors.configuration(), "gcp:cloudBillingCustomEndpoint": f"{vendors.google_origin}/v1/"}
    addresses = {key: value for key, value in everything.items() if re.search(r"Endpoint|[oO]rigin|gcp:a|batch", key)}
    configure(Stack.select("dev", shell.deployed.stack.workspace), addresses)
