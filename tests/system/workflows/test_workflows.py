"""The workflows request the fewest permissions, and two linters accept them."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.workflows.reading import FOLDER, WORKFLOWS, jobs, steps

_ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


def test_zizmor_finds_nothing() -> None:
    zizmor = str(Path(sys.executable).with_name("zizmor"))
    command = [zizmor, "--offline", "--quiet", "--no-progress", "--persona=auditor", str(FOLDER.parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  # fixed arguments
    assert done.returncode == 0, done.stdout


def test_actionlint_finds_nothing() -> None:
    go = shutil.which("go")
    if go is None:
        pytest.skip("There is no Go on PATH to run actionlint by.")
    command = [go, "run", _ACTIONLINT, *map(str, FOLDER.glob("*.yml"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)  # noqa: S603  # fixed arguments
    if "dial tcp" in done.stderr or "lookup " in done.stderr:
        pytest.skip("Go cannot reach its modules.")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_action_is_pinned_by_its_commit() -> None:
    used = [step["uses"] for step in steps() if "uses" in step and not step["uses"].startswith("./")]
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []


def test_the_cli_has_the_version_of_the_sdk() -> None:
    installing = [step["with"] for step in steps() if step.get("uses", "").startswith("pulumi/actions@")]
    assert installing == [{"pulumi-version": version("pulumi")}] * 2


def test_no_job_has_a_permission_that_it_does_not_name() -> None:
    assert [workflow["permissions"] for workflow in WORKFLOWS.values()] == [{}] * 4
    writing = {(name, right) for name, job in jobs() for right, level in job["permissions"].items() if level == "write"}
    assert writing == {
        ("preview", "id-token"),
        ("preview", "pull-requests"),
        ("deploy", "id-token"),
        ("drift", "id-token"),
    }


def test_no_job_that_runs_a_branchs_code_may_write_to_the_repository() -> None:
    checked_out = [job for _, job in jobs() if any("checkout" in step.get("uses", "") for step in job["steps"])]
    assert len(checked_out) == 6
    for job in checked_out:
        assert {right for right, level in job["permissions"].items() if level == "write"} <= {"id-token"}


def test_no_workflow_runs_foreign_code_with_permissions_of_main() -> None:
    # YAML 1.1 reads the key "on" as a boolean. pull_request_target and workflow_run would be such.
    started_by = {event for workflow in WORKFLOWS.values() for event in workflow[True]}
    assert started_by == {"pull_request", "push", "release", "schedule"}


def test_only_environments_have_secrets() -> None:
    with_secrets = [job for _, job in jobs() if "secrets." in str(job)]
    assert len(with_secrets) == 4
    assert all(job["environment"] for job in with_secrets)


def test_a_pull_request_from_a_fork_gets_no_preview() -> None:
    previews = [job for name, job in WORKFLOWS["preview"]["jobs"].items() if name.startswith("preview-")]
    guard = "github.event.pull_request.head.repo.full_name == github.repository"
    assert [job["if"] for job in previews] == [guard, guard]
    assert list(WORKFLOWS["preview"][True]) == ["pull_request"]


def test_a_deployment_that_has_begun_is_not_cut_off_and_has_its_stack_alone() -> None:
    alone = WORKFLOWS["deploy"]["jobs"]["deploy"]["concurrency"]
    assert alone["cancel-in-progress"] is False
    assert alone["group"].startswith("stack-")


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_each_stack_is_commented_on_without_waiting_for_the_other(stack: str) -> None:
    comment = WORKFLOWS["preview"]["jobs"][f"comment-{stack}"]
    assert comment["needs"] == f"preview-{stack}"
    assert comment["env"]["STACK"] == stack


def test_continuous_integration_runs_the_gate_the_tests_and_the_audit() -> None:
    ran = [[step["run"] for step in job["steps"] if "run" in step] for job in WORKFLOWS["check"]["jobs"].values()]
    assert ran == [["make check", "make test"], ["make audit"]]


def test_what_goes_live_is_installed_from_no_cache() -> None:
    set_up = {
        name: [step["with"].get("cache", "true") for step in job["steps"] if "set-up" in step.get("uses", "")]
        for name, job in jobs()
        if name in {"preview", "deploy", "drift"} and "environment" in job
    }
    assert set_up == {"deploy": ["false"], "drift": ["true"], "preview": ["true"]}


def test_drift_needs_no_approval_and_runs_on_main() -> None:
    compared = WORKFLOWS["drift"]["jobs"]["drift"]["strategy"]["matrix"]["include"]
    assert compared == [
        {"stack": "dev", "environment": "preview-dev"},
        {"stack": "prod", "environment": "drift-prod"},
    ]
    assert list(WORKFLOWS["drift"][True]) == ["schedule"]
