"""A stack of the project's own program and settings, run by Pulumi's engine through its Automation API."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from pulumi.automation import ConfigValue, LocalWorkspace, PulumiCommand, PulumiFn, Stack

_PROJECT = Path(__file__).parents[1]
STACK = "rehearsal"


class Secret(str):
    """A value of the configuration that the engine encrypts."""

    __slots__ = ()


def new_stack(
    folder: Path,
    command: PulumiCommand,
    program: PulumiFn,
    configuration: Mapping[str, str],
    environment: Mapping[str, str],
) -> Stack:
    """Make the stack ``rehearsal``, whose settings lie in ``folder``, and its state where ``environment`` says.

    The program sees the defaults that Pulumi.yaml declares; ``configuration`` has one entry for each value, under
    paths such as ``tiktok-login:applications[0]`` (https://www.pulumi.com/docs/iac/concepts/config/#structured-configuration).
    """
    project = folder / "project"
    project.mkdir()
    shutil.copy(_PROJECT / "Pulumi.yaml", project)
    (project / "clerk").symlink_to(_PROJECT / "clerk")  # Pulumi.yaml names the plugin in it
    workspace = LocalWorkspace(str(project), program=program, env_vars=environment, pulumi_command=command)
    stack = Stack.create(STACK, workspace)
    configure(stack, configuration)
    return stack


def configure(stack: Stack, configuration: Mapping[str, str]) -> None:
    """Set each value of ``configuration``, a ``Secret`` encrypted."""
    values = {path: ConfigValue(value, isinstance(value, Secret)) for path, value in configuration.items()}
    stack.set_all_config(values, path=True)
