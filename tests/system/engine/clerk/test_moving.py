"""A stack that was on Clerk before ``clerk/`` was a project moves over by the commands of docs/clerk.md."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pulumi
from pulumi.automation import ConfigValue, LocalWorkspace, PulumiCommand, PulumiFn, Stack

from clerk.program import deploy
from emulators.clerk import Clerk, create_app
from emulators.kit.serving import serving
from rehearsal.environment import engine_environment
from tests.support.infra.declaring import ROOT

DOCUMENT = (ROOT / "docs" / "clerk.md").read_text()
SECTION = DOCUMENT.partition("## A stack from before")[2].partition("\n## ")[0]
COMMANDS = SECTION.partition("```sh\n")[2].partition("```")[0]
KEYS = dict(re.findall(r"\| `(tiktok-login:\w+)` \| `(tiktok-login-clerk:\w+)` \|", SECTION))
EARLIER_PROJECT = """\
name: tiktok-login
runtime: python
plugins:
  providers:
    - name: clerk
      path: clerk
"""


def earlier_program() -> None:
    """Declare what the program for Auth0 declared with ``identity: clerk``."""
    config = pulumi.Config("tiktok-login")
    component = pulumi.ComponentResource("tiktok-login:infra:ClerkTikTok", "tiktok", {})
    values = {"origin": config.require("clerkApiOrigin"), "platformKey": config.require_secret("clerkPlatformKey")}
    provider = pulumi.ProviderResource("clerk", "tiktok-clerk", values, pulumi.ResourceOptions(parent=component))
    pulumi.CustomResource(
        "clerk:index:TikTokConnection",
        "tiktok-on-clerk",
        {
            "application": config.require("clerkApplication"),
            "instance": config.require("clerkInstance"),
            "clientKey": config.require("clientKey"),
            "clientSecret": config.require_secret("clientSecret"),
            "adopt": False,
            "callback": None,
        },
        pulumi.ResourceOptions(parent=component, provider=provider, protect=True),
    )


def test_a_stack_moves_with_its_state_and_its_connection_stays(
    pulumi: PulumiCommand, workspace: Clerk, tmp_path: Path
) -> None:
    application = workspace.add_application("example.com")
    environment, project = engine_environment(tmp_path), tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(EARLIER_PROJECT)
    (project / "clerk").mkdir()
    for name in ("Pulumi.yaml", "pulumi-resource-clerk"):
        (project / "clerk" / name).symlink_to(ROOT / "clerk" / name)

    with serving(create_app(workspace)) as origin:
        settings = {
            "clerkApiOrigin": ConfigValue(origin),
            "clerkApplication": ConfigValue(application.id),
            "clerkInstance": ConfigValue("production"),
            "clerkPlatformKey": ConfigValue(workspace.add_key("applications:manage"), secret=True),
            "clientKey": ConfigValue("aw1"),
            "clientSecret": ConfigValue("made-up", secret=True),
        }
        earlier = Stack.create("dev", _workspace(project, earlier_program, environment, pulumi))
        earlier.set_all_config({f"tiktok-login:{key}": value for key, value in settings.items()})
        earlier.up(color="never")
        workspace.received.clear()

        _run(COMMANDS, project, environment, pulumi)
        file = project / "clerk" / "Pulumi.dev.yaml"
        for old, new in KEYS.items():
            file.write_text(file.read_text().replace(f"{old}:", f"{new}:"))
        moved = Stack.select("dev", _workspace(project / "clerk", deploy, environment, pulumi))
        done = moved.up(color="never")

    assert done.summary.resource_changes == {"same": 4}
    assert done.outputs["application"].value == application.id
    assert [each.path for each in workspace.received if each.method != "GET"] == []


def _workspace(folder: Path, program: PulumiFn, environment: dict[str, str], command: PulumiCommand) -> LocalWorkspace:
    return LocalWorkspace(str(folder), program=program, env_vars=environment, pulumi_command=command)


def _run(script: str, folder: Path, environment: dict[str, str], command: PulumiCommand) -> None:
    path = f"{Path(shutil.which(command.command) or '').parent}:{os.environ['PATH']}"
    asked = ["bash", "-euo", "pipefail", "-c", script]
    subprocess.run(asked, cwd=folder, env={**os.environ, **environment, "PATH": path}, check=True, timeout=60)  # noqa: S603  # the document's own commands
