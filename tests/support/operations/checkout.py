"""Turns the folder of a rehearsal's stack into a checkout, as a reader of the documents has it."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.support.operations.typing_commands import Shell, make_command

_PROJECT = Path(__file__).parents[3]
# By these one make speaks to another.
_OF_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}


def in_checkout(shell: Shell) -> Shell:
    """Return a shell where ``make`` and ``.venv/bin/python`` are what they are in a checkout that is set up."""
    for name in ("Makefile", "operations", "requirements.txt", "tools"):
        (shell.project / name).symlink_to(_PROJECT / name)
    environment = shell.project / ".venv"
    (environment / "bin").mkdir(parents=True)
    program = "from tests.support.operations.python_command import main; main()"
    make_command(environment / "bin" / "python", f'exec {sys.executable} -P -c "{program}" "$@"')
    for made in ("made", "operations", "program"):
        (environment / made).touch()
    kept = {name: value for name, value in shell.environment.items() if name not in _OF_MAKE}
    return replace(shell, environment=kept)


def in_repository(shell: Shell) -> Shell:
    """Return a shell where the program and the proxy are copies of their own, under git."""
    for name in ("infra", "proxy_app"):
        shutil.copytree(_PROJECT / name, shell.project / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_PROJECT / "pyproject.toml", shell.project)
    git(shell, "init", "--quiet")
    path = os.pathsep.join([str(shell.project), shell.environment["PYTHONPATH"]])
    return replace(shell, environment={**shell.environment, "PYTHONPATH": path})


def commit(shell: Shell) -> str:
    """Commit what is there of the program and the proxy, and return the commit's name."""
    git(shell, "add", "infra", "proxy_app", "pyproject.toml")
    git(shell, "-c", "user.name=a test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message=It works")
    return git(shell, "rev-parse", "HEAD")


def git(shell: Shell, *arguments: str) -> str:
    """Run git in a shell's folder, and return what it says."""
    asked = ["git", *arguments]
    done = subprocess.run(asked, cwd=shell.project, capture_output=True, text=True, check=True)  # noqa: S603  # git's own check
    return done.stdout.strip()
