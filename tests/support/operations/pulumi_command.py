"""Those commands of Pulumi's CLI that run a program, with the project's program served to them."""

import sys
from functools import partial
from pathlib import Path
from typing import Any

from pulumi.automation import LocalWorkspace, PulumiCommand, Stack
from pulumi.automation.errors import CommandError

from infra.archive.cache import THIS_MACHINE
from infra.program import deploy


def main(command: str) -> None:
    """Preview or update as the command line says, by the CLI at ``command``, and end as it ends."""
    engine = PulumiCommand(str(Path(command).parents[1]))
    workspace = LocalWorkspace(str(Path.cwd()), program=partial(deploy, THIS_MACHINE), pulumi_command=engine)
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
