"""Without Pulumi's engine, its tests are skipped with the reason; in CI they fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ONE = "tests/system/engine/test_first_deployment.py::test_the_deployed_proxy_answers"


def run_one(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run an engine test on a machine that has neither Pulumi, nor Go, nor a network."""
    poor = {"PATH": "/bin", "XDG_CACHE_HOME": str(folder), "HOME": str(folder), "PIP_NO_INDEX": "1"}
    closed = {"HTTPS_PROXY": "http://127.0.0.1:9", "PIP_FIND_LINKS": "", "CI": ""}
    return subprocess.run(  # noqa: S603  # fixed arguments
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ONE],
        cwd=ROOT,
        env={**os.environ, **poor, **closed, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("ci", "outcome"), [("", "1 skipped"), ("true", "1 error")])
def test_an_engine_test_is_skipped_with_the_sentence_but_fails_in_ci(tmp_path: Path, ci: str, outcome: str) -> None:
    ran = run_one(tmp_path, CI=ci)

    assert outcome in ran.stdout, ran.stdout + ran.stderr
    assert "There is no Pulumi CLI: " in ran.stdout
