"""A long command is run within a time, and its progress can be read in a log."""

import subprocess
import sys

import pytest

from rehearsal import progress


def test_a_command_that_fails_is_told_by_its_last_line() -> None:
    with pytest.raises(progress.CommandFailedError, match=r"^the reason$"):
        progress.run(["sh", "-c", "echo before; echo the reason >&2; exit 3"], label="Trying", seconds=10)


def test_a_command_that_cannot_be_started_fails() -> None:
    with pytest.raises(progress.CommandFailedError, match="no-such-command"):
        progress.run(["no-such-command"], label="Trying", seconds=10)


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started() -> None:
    with pytest.raises(progress.CommandFailedError, match=r"it took longer than 0\.2 s"):
        progress.run(["sh", "-c", "sleep 97531 & sleep 97531"], label="Trying", seconds=0.2)

    assert not subprocess.run(["pgrep", "-f", "sleep 97531"], capture_output=True, check=False).stdout  # noqa: S607  # found on PATH, on every system


def test_progress_in_a_log_has_no_control_codes(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 1)

    progress.run([sys.executable, "-c", "import time; time.sleep(1.5)"], label="Building", seconds=10)

    assert capfd.readouterr().err.splitlines()[0] == "Building: 1.0 s"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.44, "0.4 s"), (12.3, "12 s"), (59.7, "1 min 0 s"), (185, "3 min 5 s")]
)
def test_a_duration_is_said_as_a_person_would(seconds: float, said: str) -> None:
    assert progress.format_duration(seconds) == said
