"""How two processes do not get the same thing at the same time."""

import fcntl
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def file_lock(folder: Path) -> Generator[None]:
    """Let one process at a time work in ``folder``; the lock of one that was killed is free.

    What that one left half done, by names that begin with ``partial-``, is swept away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left_over in folder.glob("partial-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        yield
