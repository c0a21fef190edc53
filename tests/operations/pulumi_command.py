"""Pulumi's CLI, with the project's program served to it; everything that runs no program is the CLI's alone."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from pulumi.automation import LocalWorkspace, PulumiCommand, Stack
from pulumi.automation.errors import CommandError

from infra.archive import THIS_MACHINE
from infra.program import deploy


def main(command: str) -> None:
    """Do what the command line says by the CLI at ``command``, and end as it ends."""
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb not in {"preview", "up"}:
        os.execv(command, [command, *sys.argv[1:]])  # noqa: S606  # it takes this process's place
    engine = PulumiCommand(str(Path(command).parents[1]))
    workspace = LocalWorkspace(str(Path.cwd()), program=partial(deploy, THIS_MACHINE), pulumi_command=engine)
    stack = Stack.select(sys.argv[sys.argv.index("--stack") + 1], workspace)
    try:
        _run(stack, verb)
    except CommandError:
        sys.exit(1)


def _run(stack: Stack, verb: str) -> None:
    options: dict[str, Any] = {"on_output": print, "on_error": partial(print, file=sys.stderr), "color": "never"}
    options |= {name: f"--{name.replace('_', '-')}" in sys.argv for name in ("refresh", "diff", "expect_no_changes")}
    if verb == "preview":
        stack.preview(**options)
    else:
        stack.up(**options)
