"""Deploy the program of another commit, which Python's path leads to, by the stack in a folder; run as a script."""

import sys
from functools import partial

from pulumi.automation import LocalWorkspace, PulumiCommand, Stack
from pulumi.automation.errors import CommandError

from infra.archive.cache import THIS_MACHINE
from infra.program import deploy

if __name__ == "__main__":
    name, folder, root = sys.argv[1:]
    workspace = LocalWorkspace(folder, program=partial(deploy, THIS_MACHINE), pulumi_command=PulumiCommand(root))
    say = partial(print, file=sys.stderr)
    try:
        Stack.select(name, workspace).up(on_output=say, on_error=say, color="never", suppress_progress=True)
    except CommandError:
        sys.exit(1)
