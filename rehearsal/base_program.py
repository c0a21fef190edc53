"""Deploy the program of another commit, whose modules are on Python's path, to a stack in a folder; run as a script."""

import sys
from functools import partial
from importlib import import_module
from typing import Any

from pulumi.automation import LocalWorkspace, PulumiCommand, Stack
from pulumi.automation.errors import CommandError

TOO_OLD = 3
"""The exit code for a commit without the program that this script deploys."""

# Where commits keep the platform that archives for this machine are built for, the newest first.
_PLATFORMS = ("infra.archive.cache", "infra.archive")


def _this_machine() -> Any:  # noqa: ANN401  # the other commit's type
    for module in _PLATFORMS:
        try:
            return import_module(module).THIS_MACHINE
        except (ImportError, AttributeError):
            continue
    raise ImportError("it has no archive for this machine")


def _main(name: str, folder: str, root: str) -> int:
    try:
        program = partial(import_module("infra.program").deploy, _this_machine())
    except (ImportError, AttributeError) as error:
        print(error, file=sys.stderr)
        return TOO_OLD
    workspace = LocalWorkspace(folder, program=program, pulumi_command=PulumiCommand(root))
    say = partial(print, file=sys.stderr)
    try:
        Stack.select(name, workspace).up(on_output=say, on_error=say, color="never", suppress_progress=True)
    except CommandError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
