"""The rehearsal on an emulated Clerk, as a person runs it."""

import subprocess
import sys

import pytest

from tests.support.infra.declaring import ROOT


def _rehearse(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rehearsal", "--identity", "clerk", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)  # noqa: S603  # fixed arguments


@pytest.mark.engine
@pytest.mark.usefixtures("pulumi")
def test_it_turns_tiktok_on_in_production_and_leaves_nothing() -> None:
    rehearsed = _rehearse()
    said = rehearsed.stdout.splitlines()
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert "TikTok is off in Clerk's development instance." in said
    assert "TikTok is on in Clerk's production instance." in said
    assert "Deleted 4 resources." in said


@pytest.mark.parametrize("options", [["--port", "9000"], ["exec", "--callback", "http://localhost:1/", "true"]])
def test_what_has_no_meaning_there_is_refused(options: list[str]) -> None:
    refused = _rehearse(*options)
    assert refused.returncode == 2
    assert "there is no sign-in" in refused.stderr
