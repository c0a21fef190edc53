"""The commands of a document, as a reader types them for a stack that is called ``dev`` there."""

import re
from collections.abc import Mapping
from pathlib import Path

import httpx2

from tests.support.operations.typing_commands import Shell

_DOCS = Path(__file__).parents[3] / "docs"
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def sections(document: str) -> dict[str, list[str]]:
    """Return the blocks of commands below each heading of a document."""
    _, *parts = re.split(r"^## ", (_DOCS / document).read_text(), flags=re.MULTILINE)
    return {part.partition("\n")[0]: _BLOCK.findall(part) for part in parts}


def for_the_rehearsal(block: str) -> str:
    """Return a block for the stack that a rehearsal has."""
    return re.sub(r"(?<=[ =])dev(?=\s)", "rehearsal", block)


def typed(shell: Shell, block: str, secrets: Mapping[str, str] | None = None) -> str:
    """Type a block, and return what it says; ``secrets`` is what is typed where one is asked for, by its key.

    Questions are answered by yes.
    """
    asked = block.replace("pulumi destroy", "pulumi destroy --yes")
    for key, secret in (secrets or {}).items():
        setting = rf"^(pulumi config set --secret {re.escape(key)}\b.*)$"
        asked = re.sub(setting, rf"printf %s '{secret}' | \1", asked, flags=re.MULTILINE)
    done = shell.bash(asked)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def signs_in(shell: Shell, secret: str) -> int:
    """Exchange a code that TikTok has just issued, as Auth0 does with ``secret``, and return the status."""
    vendors = shell.deployed.vendors
    [connection] = vendors.tenant.connections.values()
    callback = f"{vendors.login_origin}/login/callback"
    form = {
        "grant_type": "authorization_code",
        "client_id": vendors.client_key,
        "client_secret": secret,
        "code": vendors.tiktok.issue_code(vendors.tiktok.apps[vendors.client_key], "ada", callback),
        "redirect_uri": callback,
    }
    return httpx2.post(connection["options"]["tokenURL"], data=form).status_code
