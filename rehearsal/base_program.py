"""Deploy the program of another commit, which Python's path leads to, by the stack in a folder; run as a script."""

import sys
from functools import partial

from pulumi.automation import LocalWorkspace, PulumiCommand, Stack

from infra.archive import THIS_MACHINE
from infra.program import deploy

if __name__ == "__main__":
    name, folder, root = sys.argv[1:]
    workspace = LocalWorkspace(folder, program=partial(deploy, THIS_MACHINE), pulumi_command=PulumiCommand(root))
    Stack.select(name, workspace).up(on_error=partial(print, file=sys.stderr), color="never")
