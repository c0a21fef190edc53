"""A run that hangs ends, and shows where."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_THREAD = "import threading\ndef test_it(): threading.Thread(target=threading.Event().wait, name='stuck').start()\n"
_TEST = "import threading\ndef test_it(): threading.Event().wait()\n"
_FIXTURE = """import threading, pytest
@pytest.fixture(scope='session')
def stuck():
    yield
    threading.Event().wait()
def test_it(stuck): pass
"""


@pytest.mark.parametrize("source", [_THREAD, _TEST, _FIXTURE], ids=["a thread", "a test", "the end of a fixture"])
@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_hang_ends_the_run_with_every_stack(tmp_path: Path, source: str, workers: str) -> None:
    (tmp_path / "test_hang.py").write_text(source)
    options = ["-p", "tests.support.hang_guard", "-p", "no:cacheprovider", "--timeout=1", "--timeout-method=thread"]

    ended = subprocess.run(  # noqa: S603  # this interpreter
        [sys.executable, "-m", "pytest", "-q", "-n", workers, "--rootdir", tmp_path, *options, tmp_path],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HANG_GUARD_SECONDS": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode != 0
    assert "threading.py" in ended.stdout + ended.stderr
    assert "wait" in ended.stdout + ended.stderr
