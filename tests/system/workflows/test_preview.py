"""A preview against the base commit works without any account."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600), pytest.mark.usefixtures("pulumi")]
_AUTHOR = ("-c", "user.name=A", "-c", "user.email=a@example.com")
_PROJECT = Path(__file__).parents[3]


def _preview(project: Path, base: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rehearsal", "preview", "--base", base]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603  # fixed arguments


def _git(clone: Path, *arguments: str) -> int:
    return subprocess.run(["git", *arguments], cwd=clone, capture_output=True, check=False).returncode  # noqa: S603, S607  # fixed arguments


@pytest.fixture(name="clone")
def cloned_repository(tmp_path: Path) -> Path:
    """Return a clone, to change files in."""
    subprocess.run(["git", "clone", "--quiet", str(_PROJECT), "clone"], cwd=tmp_path, check=True)  # noqa: S603, S607  # fixed arguments
    return tmp_path / "clone"


def test_a_changed_option_is_shown_and_nothing_else(clone: Path) -> None:
    changed = clone / "infra" / "tiktok_connection.py"
    changed.write_text(changed.read_text().replace('"pkce_enabled": False', '"pkce_enabled": True'))

    done = _preview(clone, "HEAD")

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"pkceEnabled *: false => true", done.stdout)
    assert "~ 1 to update\n    14 unchanged" in done.stdout


def test_a_base_that_cannot_be_deployed_is_told_of_in_the_engines_words(clone: Path) -> None:
    program = clone / "infra" / "program.py"
    right = program.read_text()
    marked = "    settings = Settings.from_config()\n"
    program.write_text(right.replace(marked, f'    raise pulumi.RunError("Nothing goes here.")\n{marked}'))
    _git(clone, *_AUTHOR, "commit", "--quiet", "--all", "--message", "Break it")
    program.write_text(right)

    done = _preview(clone, "HEAD")

    assert done.returncode == 1
    assert done.stderr.startswith("HEAD cannot be deployed:\n")
    assert "error: Nothing goes here." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_commit_that_is_not_there_is_named() -> None:
    done = _preview(_PROJECT, "no-such-commit")

    assert done.returncode == 1
    assert done.stderr.startswith("git has no commit no-such-commit: ")
    assert "Traceback" not in done.stderr


def test_a_base_from_before_the_folders_moved_is_deployed(clone: Path) -> None:
    before = "6229361"
    if _git(clone, "cat-file", "-e", f"{before}^{{commit}}"):
        pytest.skip("This is a shallow clone.")

    done = _preview(clone, before)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "== preview of these files\nPreviewing update" in done.stdout


def test_a_base_that_cannot_be_deployed_onto_this_machine_is_called_too_old(clone: Path) -> None:
    (clone / "infra" / "archive" / "cache.py").write_text("")
    _git(clone, *_AUTHOR, "commit", "--quiet", "--all", "--message", "Go back")
    _git(clone, "checkout", "--quiet", "HEAD~1", "--", ".")

    done = _preview(clone, "HEAD")

    assert done.returncode == 1
    assert done.stderr.startswith("HEAD is too old to compare with: ")
    assert "Traceback" not in done.stderr
