"""Where `pulumi up` in bootstrap/ starts."""

import sys
from pathlib import Path

# Pulumi puts this folder first on the path; the packages are found from the repository's root.
sys.path[0] = str(Path(__file__).parents[1])

from bootstrap.program import deploy  # noqa: E402

deploy()
