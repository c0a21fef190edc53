"""A stack of the project's own program and settings, run by Pulumi's engine through its Automation API."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from pulumi.automation import ConfigValue, LocalWorkspace, PulumiCommand, PulumiFn, Stack

ROOT = Path(__file__).parents[1]
STACK = "rehearsal"


class Secret(str):
    """A value of the configuration that the engine encrypts."""

    __slots__ = ()


def new_stack(  # noqa: PLR0913  # what the Automation API asks for
    folder: Path,
    command: PulumiCommand,
    program: PulumiFn,
    configuration: Mapping[str, str],
    environment: Mapping[str, str],
    *,
    project: str = ".",
) -> Stack:
    """Create the stack ``rehearsal`` of the project in the subfolder ``project``.

    Its settings are below ``folder``/project, and its state is where ``environment`` says. The program sees the
    defaults of its Pulumi.yaml; ``configuration`` has one entry for each value, under paths such as
    ``tiktok-login:applications[0]`` (https://www.pulumi.com/docs/iac/concepts/config/#structured-configuration).
    """
    settings = folder / "project" / project
    settings.mkdir(parents=True)
    shutil.copy(ROOT / project / "Pulumi.yaml", settings)
    workspace = LocalWorkspace(str(settings), program=program, env_vars=environment, pulumi_command=command)
    stack = Stack.create(STACK, workspace)
    configure(stack, configuration)
    return stack


def configure(stack: Stack, configuration: Mapping[str, str]) -> None:
    """Set each value of ``configuration``, a ``Secret`` encrypted."""
    values = {path: ConfigValue(value, isinstance(value, Secret)) for path, value in configuration.items()}
    stack.set_all_config(values, path=True)
