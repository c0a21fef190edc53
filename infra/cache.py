"""Where this user's things are kept that take long to make, and can be made again."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder of this user's that outlives ``git clean``; it need not exist."""
    usual = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or usual) / "tiktok-login"
