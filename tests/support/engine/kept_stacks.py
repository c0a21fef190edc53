"""New stacks that are copies of the first one with their project and name.

To make a stack the CLI derives a key from its passphrase, by a million rounds of PBKDF2, and starts once more to do it.
Its settings then hold the key's salt, and its state nothing, so the files of one new stack are as good as another's.
"""

import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from pulumi.automation import LocalWorkspace

from rehearsal import environment


@contextmanager
def kept_stacks() -> Generator[None]:
    """Make each stack once in this process, and copy it afterwards; all of them get the same passphrase.

    A copy is not the one that commands without ``--stack`` mean.
    """
    create, passphrase = LocalWorkspace.create_stack, secrets.token_urlsafe()
    with TemporaryDirectory(prefix="kept-stacks-") as name, pytest.MonkeyPatch.context() as patch:

        def create_stack(workspace: LocalWorkspace, stack_name: str) -> None:
            variables = workspace.env_vars
            settings = Path(workspace.work_dir, f"Pulumi.{stack_name}.yaml")
            state = Path(urlsplit(variables["PULUMI_BACKEND_URL"]).path)
            new = variables["PULUMI_CONFIG_PASSPHRASE"] == passphrase and not (
                settings.exists() or any(state.iterdir())
            )
            kept = Path(name, workspace.project_settings().name, stack_name)
            if new and kept.exists():
                shutil.copy(kept / "settings", settings)
                shutil.copytree(kept / "state", state, dirs_exist_ok=True)
                return
            create(workspace, stack_name)
            if new:
                kept.mkdir(parents=True)
                shutil.copy(settings, kept / "settings")
                shutil.copytree(state, kept / "state")

        patch.setattr(environment, "secrets", SimpleNamespace(token_urlsafe=lambda: passphrase))
        patch.setattr(LocalWorkspace, "create_stack", create_stack)
        yield
