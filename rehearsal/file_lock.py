"""A lock between processes."""

import fcntl
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rehearsal.progress import progress_line

_SECONDS_BETWEEN_TRIES = 0.2


@contextmanager
def file_lock(folder: Path, *, label: str) -> Generator[None]:
    """Let one process at a time work in ``folder``; those that wait show a progress line that begins with ``label``.

    The system frees the lock of a killed process. What that process left, named ``partial-*``, is removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        with progress_line(label) as line:
            while not _acquired(lock.fileno()):
                line.update()
                time.sleep(_SECONDS_BETWEEN_TRIES)
        for partial in folder.glob("partial-*"):
            shutil.rmtree(partial, ignore_errors=True)
        yield


def _acquired(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
