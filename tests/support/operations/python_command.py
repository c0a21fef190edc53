"""``python -m MODULE``, with archives that are made for the machine that a rehearsal runs on."""

import runpy
import sys

import infra.archive.cache


def main() -> None:
    """Run the module that the command line names, with the arguments that follow."""
    _, _, module, *arguments = sys.argv
    infra.archive.cache.LINUX_X86_64 = infra.archive.cache.THIS_MACHINE
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
