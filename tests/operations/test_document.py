"""The commands of docs/operations.md do what their section says."""

import re
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from tests.operations.typing_commands import Shell

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
_NEW = "the-next-client-secret"


def blocks(section: str) -> list[str]:
    """Return a section's commands, for the stack of a rehearsal."""
    text = _DOCUMENT.partition(f"## {section}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [
        re.sub(r"\bdev$", "rehearsal", re.sub(r"--stack dev\b", "--stack rehearsal", each), flags=re.MULTILINE)
        for each in found
    ]


def typed(shell: Shell, block: str, answer: str = "") -> None:
    """Type a block; ``answer`` is what is typed where a secret is asked for, and questions are answered by yes."""
    asked = block.replace("pulumi destroy", "pulumi destroy --yes")
    asked = re.sub(r"^(pulumi config set --secret .*)$", rf"printf %s '{answer}' | \1", asked, flags=re.MULTILINE)
    done = shell.bash(asked)
    assert done.returncode == 0, done.stdout + done.stderr


def signs_in(shell: Shell, secret: str) -> int:
    """Exchange a code that TikTok has just issued, as Auth0 does with ``secret``, and return the status."""
    world = shell.deployed.world
    [connection] = world.tenant.connections.values()
    callback = f"{world.login_origin}/login/callback"
    form = {
        "grant_type": "authorization_code",
        "client_id": world.client_key,
        "client_secret": secret,
        "code": world.tiktok.issue_code(world.tiktok.apps[world.client_key], "ada", callback),
        "redirect_uri": callback,
    }
    return httpx2.post(connection["options"]["tokenURL"], data=form).status_code


def test_a_secret_is_rotated_while_the_proxy_refuses_nobody(own: Shell) -> None:
    world = own.deployed.world
    app, old = world.tiktok.apps[world.client_key], world.client_secret
    own.deployed.stack.up()
    both, forget = blocks("Rotate TikTok's client secret")

    typed(own, both, _NEW)
    assert signs_in(own, old) == 200
    world.tiktok.apps[app.key] = replace(app, secret=_NEW)
    assert signs_in(own, _NEW) == 200

    typed(own, forget)
    assert (signs_in(own, old), signs_in(own, _NEW)) == (401, 200)


def test_a_stack_moves_to_another_region(own: Shell) -> None:
    own.deployed.stack.up()
    [block] = blocks("Move to another region")

    typed(own, block)

    [service] = own.deployed.world.cloud.services
    assert "/locations/europe-west4/" in service
    assert signs_in(own, own.deployed.world.client_secret) == 200


def test_a_stack_moves_to_a_custom_domain(own: Shell) -> None:
    [block] = blocks("Move to a custom domain")
    done = own.bash(block)

    assert done.returncode == 0, done.stderr
    assert '"redirect_uri":"https://login.example.com/login/callback"' in done.stdout.replace(" ", "")


@pytest.mark.parametrize("protected", ["true", "false"])
def test_whoever_leaves_leaves_nothing(own: Shell, protected: str) -> None:
    own.bash(f"pulumi config set protect {protected} --stack rehearsal")
    own.deployed.stack.up()
    [block] = blocks("Leave")

    typed(own, block)

    cloud = own.deployed.world.cloud
    assert (own.deployed.world.tenant.connections, cloud.services, cloud.buckets) == ({}, {}, {})
    assert own.bash("pulumi stack ls --json").stdout.strip() == "[]"
