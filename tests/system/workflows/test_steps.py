"""The shell steps of the workflows work in a rehearsal."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.operations.typing_commands import Shell
from tests.support.workflows.reading import script

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]
_PROJECT = Path(__file__).parents[3]
_GH = Path(__file__).parents[2] / "support" / "workflows" / "gh"


def on_a_runner(shell: Shell, folder: Path, **more: str) -> Shell:
    """Return the shell with what a runner sets for a job of the stack."""
    environment = {"STACK": "rehearsal", "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), **more}
    return replace(shell, environment={**shell.environment, **environment})


def test_a_preview_leaves_a_comment_and_a_summary_without_secrets(deployed: Shell, tmp_path: Path) -> None:
    runner = on_a_runner(deployed, tmp_path)
    done = runner.bash(script("preview", "preview-dev", "Preview"))

    assert done.returncode == 0, done.stderr
    comment = (deployed.deployed.folder / "project" / "preview.md").read_text()
    assert comment.startswith("<!-- preview of rehearsal -->\n### `pulumi preview` of rehearsal\n```\n")
    assert "15 unchanged" in comment
    assert comment == (tmp_path / "summary.md").read_text()
    assert deployed.deployed.vendors.client_secret not in comment


def test_a_preview_that_fails_says_so_in_its_comment_and_fails_the_job(deployed: Shell, tmp_path: Path) -> None:
    runner = on_a_runner(deployed, tmp_path)
    deployed.set({"publicAccess": "nobody"})
    done = runner.bash(script("preview", "preview-dev", "Preview"))
    deployed.set({"publicAccess": "invoker-iam-disabled"})

    assert done.returncode != 0
    assert "publicAccess must be" in (tmp_path / "summary.md").read_text()


def test_a_deployment_is_made_and_then_verified(deployed: Shell, tmp_path: Path) -> None:
    runner = on_a_runner(deployed, tmp_path)
    installed_as_the_step_before_does(deployed.deployed.folder / "project")

    done = runner.bash(script("deploy", "deploy", "Deploy"))
    assert done.returncode == 0, done.stderr
    done = runner.bash(script("deploy", "deploy", "Verify"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok  ") == 9


def installed_as_the_step_before_does(project: Path) -> None:
    """Lend the folder this Python's packages, the Makefile, and the marks of what is installed."""
    shutil.copy(_PROJECT / "Makefile", project)
    venv = project / ".venv"
    venv.mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (venv / part).symlink_to(Path(sys.prefix) / part)
    for made, source in (("made", "tools/uv.txt"), ("operations", "operations/requirements.txt")):
        (project / source).parent.mkdir(exist_ok=True)
        shutil.copy(_PROJECT / source, project / source)
        (venv / made).touch()


def test_the_nightly_comparison_notices_what_somebody_changed_by_hand(deployed: Shell, tmp_path: Path) -> None:
    runner = on_a_runner(deployed, tmp_path)
    [connection] = deployed.deployed.vendors.tenant.connections.values()
    compare = script("drift", "drift", "Compare")

    assert runner.bash(compare).returncode == 0
    connection["options"]["pkce_enabled"] = True
    assert runner.bash(compare).returncode != 0
    connection["options"]["pkce_enabled"] = False


@pytest.mark.parametrize("job", [("preview", "preview-dev"), ("deploy", "deploy"), ("drift", "drift")])
@pytest.mark.parametrize(("client_secret", "ready"), [("made-up", True), ("", False)])
def test_an_environment_without_values_is_a_notice_and_no_failure(
    deployed: Shell, tmp_path: Path, job: tuple[str, str], client_secret: str, *, ready: bool
) -> None:
    output = tmp_path / "output"
    values = {"AUTH0_CLIENT_ID": "deployer", "AUTH0_CLIENT_SECRET": client_secret, "GITHUB_OUTPUT": str(output)}
    done = on_a_runner(deployed, tmp_path, **values).bash(script(*job, "Look for the environment's values"))

    assert done.returncode == 0, done.stderr
    assert output.exists() == ready
    assert done.stdout.startswith("::notice title=") != ready
    assert ready or "bootstrap" in done.stdout


@pytest.mark.parametrize(("known", "call"), [("", "POST issues/7/comments"), ("42", "PATCH issues/comments/42")])
def test_the_comment_is_made_once_and_then_kept_up_to_date(
    deployed: Shell, tmp_path: Path, known: str, call: str
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gh").symlink_to(_GH)
    github = {"GH_REPO": "o/r", "NUMBER": "7", "RUN": "1", "KNOWN_COMMENT": known, "GH_LOG": str(tmp_path / "calls")}
    runner = on_a_runner(deployed, tmp_path, PATH=f"{tmp_path / 'bin'}:{deployed.environment['PATH']}", **github)

    done = runner.bash(script("preview", "comment-dev", "Comment"))

    assert done.returncode == 0, done.stderr
    downloaded, _, written = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    assert downloaded == ["run", "download", "1", "--name", "preview-rehearsal"]
    method, path = call.split()
    assert written == ["api", "--method", method, f"repos/o/r/{path}", "--field", "body=@preview.md", "--silent"]
