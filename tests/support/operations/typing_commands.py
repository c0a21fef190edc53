"""A shell in the folder of a rehearsal's stack, with ``pulumi`` and this project's Python commands."""

import os
import stat
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pulumi.automation import PulumiCommand, Stack

from emulators.kit.authority import ThrowAwayAuthority
from rehearsal.deployment import Deployment, deployment
from rehearsal.serve_application import register_callbacks

_PROJECT = Path(__file__).parents[3]
CALLBACK = "http://localhost:3000/callback"
_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """Where commands are typed: the folder of a project, and the environment that finds its engine and its vendors."""

    project: Path
    environment: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command and return what it said."""
        return subprocess.run(  # noqa: S603  # the tests' own commands
            command,
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    @contextmanager
    def entered(self) -> Generator[None]:
        """Be in the folder and the environment with this process itself, until the block ends."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.chdir(self.project)
            yield

    def bash(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script as GitHub's runners and careful people do."""
        return self.run("bash", "-euo", "pipefail", "-c", script)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run this Python."""
        return self.run(sys.executable, *arguments)


@dataclass(frozen=True, kw_only=True)
class Shell(Prompt):
    """A prompt beside a deployment."""

    deployed: Deployment

    def set(self, settings: Mapping[str, object]) -> None:
        """Write settings that are no secrets into the stack's file, as ``pulumi config set`` does.

        A name without a colon is one of this project's.
        """
        file = self.project / f"Pulumi.{self.deployed.stack.name}.yaml"
        content = yaml.safe_load(file.read_text())
        content["config"] |= {
            name if ":" in name else f"tiktok-login:{name}": value for name, value in settings.items()
        }
        file.write_text(yaml.safe_dump(content))


@contextmanager
def shell(command: PulumiCommand) -> Generator[Shell]:
    """Yield a shell in a new deployment, with nothing deployed yet."""
    with deployment(command) as deployed:
        vendors, folder = deployed.vendors, deployed.folder
        register_callbacks(vendors, CALLBACK)
        vendors.cloud.enabled.add("cloudbilling.googleapis.com")
        environment = typing_environment(deployed.stack, folder, command, vendors.authority)
        opened = Shell(deployed=deployed, project=folder / "project", environment=environment)
        # The provider does not ask for billing, so a rehearsal has no endpoint for it.
        opened.set({"gcp:cloudBillingCustomEndpoint": f"{vendors.google_origin}/v1/"})
        yield opened


def typing_environment(
    stack: Stack, folder: Path, command: PulumiCommand, authority: ThrowAwayAuthority
) -> dict[str, str]:
    """Return the environment in which ``pulumi`` runs this project's program, and ``authority`` is trusted.

    The stack becomes the one that commands without ``--stack`` mean.
    """
    stack.workspace.select_stack(stack.name)
    return {
        **os.environ,
        **stack.workspace.env_vars,
        "PATH": f"{_commands(folder, command)}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(_PROJECT),
        "SSL_CERT_FILE": str(authority.write_bundle(folder / "certificates.pem")),
    }


def _commands(folder: Path, command: PulumiCommand) -> Path:
    """Make a ``pulumi`` that brings the program along, since the CLI built from its module has no plugin for Python.

    What runs no program, which is most of what is typed, is the CLI's alone.
    """
    commands = folder / "bin"
    commands.mkdir()
    program = f"from tests.support.operations.pulumi_command import main; main({command.command!r})"
    make_command(
        commands / "pulumi",
        f'case "${{1-}}" in preview | up) exec {sys.executable} -P -c "{program}" "$@" ;; esac',
        f'exec {command.command} "$@"',
    )
    host = "from tests.support.operations.language_host import main; main()"
    make_command(commands / "pulumi-language-python", f'exec {sys.executable} -P -c "{host}"')
    return commands


def make_command(path: Path, *lines: str) -> None:
    """Make a command of the shell."""
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
