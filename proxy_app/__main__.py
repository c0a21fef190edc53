"""``python -m proxy_app``: serve until told to stop."""

import gc
import signal
import sys

if __name__ == "__main__":
    # Nothing that is imported is garbage (docs/performance.md).
    gc.disable()


def _stop(_signal: int, _frame: object) -> None:
    sys.exit(0)


# The first process of a container ignores signals that it has no handler for, and the imports take a while.
signal.signal(signal.SIGTERM, _stop)

import os

from proxy_app.early_connection import EarlyConnection
from proxy_app.settings import Settings, SettingsError


def main() -> int:
    """Serve, and return the exit code: 0 after a signal, 1 without a socket, 2 for wrong settings."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201  # this is the command's output
        return 2
    os.environ.pop("TIKTOK_CLIENT_SECRET", None)
    with EarlyConnection(settings.token_url) as early:
        from proxy_app.startup import run  # noqa: PLC0415  # this takes a while

        return run(settings, early)


if __name__ == "__main__":
    sys.exit(main())
