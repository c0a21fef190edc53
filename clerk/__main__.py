"""The entry point of `pulumi up` in this folder."""

import sys
from pathlib import Path

# Pulumi runs the folder by its path, so this folder is first on the path. The packages are in the one above.
sys.path[0] = str(Path(__file__).parents[1])

from clerk.program import deploy  # noqa: E402  # importable from here on

deploy()
