"""``python -m rehearsal preview --base COMMIT``: what these files would change in a deployment of COMMIT."""

import os
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import yaml
from pulumi.automation import PulumiCommand

from rehearsal.base_program import TOO_OLD
from rehearsal.deployment import Deployment, deployment
from rehearsal.runner import Steps, interruptible
from rehearsal.stack import STACK

_PROJECT = Path(__file__).parents[1]
_DEPLOY = Path(__file__).with_name("base_program.py")
_SECONDS = 600


class BaseCommitError(Exception):
    """The commit to compare with does not exist or cannot be deployed."""


def preview_against(base: str, command: PulumiCommand, steps: Steps, interrupted: threading.Event) -> None:
    """Deploy ``base`` onto emulators, and preview these files against it.

    Raise ``BaseCommitError``, the engine's error if these files cannot be previewed, or ``KeyboardInterrupt``. Nothing
    has to be destroyed: the emulators and the state end with the process.
    """
    with tempfile.TemporaryDirectory(prefix="base-") as name, deployment(command) as deployed:
        folder = Path(name)
        with interruptible(interrupted), steps.step(f"up of {base}"):
            _unpack(base, folder)
            with _settings_of(folder, deployed):
                _deploy(base, folder, deployed, command)
        with interruptible(interrupted), steps.step("preview of these files"):
            deployed.stack.preview(diff=True, color="never", on_output=steps.say, on_error=steps.say)


def _unpack(base: str, folder: Path) -> None:
    archive = folder / "base.tar"
    command = ["git", "archive", "--format=tar", f"--output={archive}", "--end-of-options", base]
    answer = subprocess.run(command, cwd=_PROJECT, capture_output=True, text=True, check=False)  # noqa: S603  # git's own check
    if answer.returncode:
        raise BaseCommitError(f"git has no commit {base}: {(answer.stderr.strip().splitlines() or ['no reason'])[-1]}")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


@contextmanager
def _settings_of(folder: Path, deployed: Deployment) -> Generator[None]:
    """Let the stack have the defaults of the project in ``folder``, and no setting that it does not declare."""
    project = Path(deployed.stack.workspace.work_dir)
    files = {file: file.read_text() for file in (project / "Pulumi.yaml", project / f"Pulumi.{STACK}.yaml")}
    settings, stack_settings = (yaml.safe_load(text) for text in files.values())
    base = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    own = f"{settings['name']}:"
    settings["config"] = base["config"]
    stack_settings["config"] = {
        name: value
        for name, value in stack_settings["config"].items()
        if not name.startswith(own) or name.removeprefix(own) in base["config"]
    }
    for file, changed in zip(files, (settings, stack_settings), strict=True):
        file.write_text(yaml.safe_dump(changed))
    try:
        yield
    finally:
        for file, text in files.items():
            file.write_text(text)


def _deploy(base: str, folder: Path, deployed: Deployment, command: PulumiCommand) -> None:
    """Run the base's program in a process of its own, which imports the base's modules and none of these."""
    root = Path(command.command).parents[1]
    workspace = deployed.stack.workspace
    # -P keeps the script's own folder out of Python's path.
    script = [sys.executable, "-P", str(_DEPLOY), deployed.stack.name, workspace.work_dir, str(root)]
    environment = {**os.environ, **workspace.env_vars, "PYTHONPATH": str(folder)}
    try:
        answer = subprocess.run(script, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # this Python
    except subprocess.TimeoutExpired:
        raise BaseCommitError(f"{base} cannot be deployed:\nit takes longer than {_SECONDS} s.") from None
    if answer.returncode == TOO_OLD:
        raise BaseCommitError(f"{base} is too old to compare with: {answer.stderr.strip()}.")
    if answer.returncode:
        raise BaseCommitError(f"{base} cannot be deployed:\n{answer.stderr.strip()}")
