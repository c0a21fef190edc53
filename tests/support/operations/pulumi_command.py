"""Run the commands of Pulumi's CLI that need a program, with the program of the project in ``--cwd``."""

import sys
from functools import partial
from pathlib import Path
from typing import Any

from pulumi.automation import LocalWorkspace, PulumiCommand, Stack
from pulumi.automation.errors import CommandError

from clerk.program import deploy as deploy_on_clerk
from infra.archive.cache import THIS_MACHINE
from infra.program import deploy as deploy_on_auth0


def main(command: str) -> None:
    """Preview or update as the command line says, by the CLI at ``command``, and end as it ends."""
    engine = PulumiCommand(str(Path(command).parents[1]))
    folder = Path(sys.argv[sys.argv.index("--cwd") + 1] if "--cwd" in sys.argv else ".").resolve()
    program = deploy_on_clerk if folder.name == "clerk" else partial(deploy_on_auth0, THIS_MACHINE)
    workspace = LocalWorkspace(str(folder), program=program, pulumi_command=engine)
    stack = Stack.select(sys.argv[sys.argv.index("--stack") + 1], workspace)
    try:
        _run(stack, sys.argv[1])
    except CommandError:
        sys.exit(1)


def _run(stack: Stack, verb: str) -> None:
    options: dict[str, Any] = {"on_output": print, "on_error": partial(print, file=sys.stderr), "color": "never"}
    options |= {name: f"--{name.replace('_', '-')}" in sys.argv for name in ("refresh", "diff", "expect_no_changes")}
    if verb == "preview":
        stack.preview(**options)
    else:
        stack.up(**options)
