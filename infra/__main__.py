"""Where Pulumi's engine starts the host of the component package."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])  # the engine starts the folder; infra and proxy_app are beside it

from infra.package import host  # noqa: E402  # see above

host()
