"""``python -m bench.clients.serve pooled:Pooled``: the proxy with another client than its own."""

import importlib
import os
import sys
from typing import Any

import proxy_app.tiktok_client
from proxy_app.settings import Settings


def rival(place: str) -> Any:  # noqa: ANN401  # a class that is chosen by its name
    """Import the class that ``place`` (module:Class, in this package) names."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(f"bench.clients.{module}"), name)


if __name__ == "__main__":
    proxy_app.tiktok_client.TikTokClient = rival(sys.argv[1])
    from proxy_app.startup import run

    sys.exit(run(Settings.from_environment(os.environ), None))
