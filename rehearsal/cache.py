"""What this user keeps of what takes long to get, and how two processes do not get it at the same time."""

import fcntl
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder in which this user keeps what can be made again, and outlives ``git clean``."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "tiktok-login"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tiktok-login"


@contextmanager
def one_at_a_time(folder: Path) -> Generator[None]:
    """Let one process at a time work in ``folder``; the lock of one that was killed is free.

    What that one left half done, by names that begin with ``partial-``, is swept away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left_over in folder.glob("partial-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        yield
