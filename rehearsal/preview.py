"""``python -m rehearsal preview --base COMMIT``: what these files would change of what COMMIT has deployed."""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from pulumi.automation import PulumiCommand

from rehearsal.deployment import Deployment, deployment
from rehearsal.steps import Steps

_PROJECT = Path(__file__).parents[1]
_DEPLOY = Path(__file__).with_name("base_program.py")
_SECONDS = 600


class BaseCommitError(Exception):
    """The commit to compare with cannot be had or deployed; the message says why."""


def preview_against(base: str, command: PulumiCommand, steps: Steps) -> int:
    """Deploy ``base`` onto emulators, say what the present files would change of it, and return the exit code.

    Raise ``BaseCommitError``, or the engine's error if these files cannot be previewed. Nothing is left of it: the
    emulators and the state end with it.
    """
    with tempfile.TemporaryDirectory(prefix="base-") as folder, deployment(command) as deployed:
        with steps.step(f"up of {base}"):
            _unpack(base, Path(folder))
            _deploy(base, Path(folder), deployed, command)
        with steps.step("preview of these files"):
            deployed.stack.preview(diff=True, color="never", on_output=steps.say, on_error=steps.say)
    return 0


def _unpack(base: str, folder: Path) -> None:
    archive = folder / "base.tar"
    asked = ["git", "archive", "--format=tar", f"--output={archive}", "--end-of-options", base]
    answer = subprocess.run(asked, cwd=_PROJECT, capture_output=True, text=True, check=False)  # noqa: S603  # git's own check
    if answer.returncode:
        raise BaseCommitError(f"git has no commit {base}: {(answer.stderr.strip().splitlines() or ['no reason'])[-1]}")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def _deploy(base: str, folder: Path, deployed: Deployment, command: PulumiCommand) -> None:
    """Run the base's program in a process of its own, which sees the base's modules and none of these."""
    root = Path(command.command).parents[1]
    workspace = deployed.stack.workspace
    # -P keeps the script's own folder out of Python's path.
    asked = [sys.executable, "-P", str(_DEPLOY), deployed.stack.name, workspace.work_dir, str(root)]
    environment = {**os.environ, **workspace.env_vars, "PYTHONPATH": str(folder)}
    try:
        answer = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # this Python
    except subprocess.TimeoutExpired:
        raise BaseCommitError(f"{base} cannot be deployed:\nit takes longer than {_SECONDS} s.") from None
    if answer.returncode:
        raise BaseCommitError(f"{base} cannot be deployed:\n{answer.stderr.strip()}")
