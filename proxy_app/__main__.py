"""``python -m proxy_app``: serve until told to stop."""

import signal
import sys


def _stop(_signal: int, _frame: object) -> None:
    sys.exit(0)


# The first process of a container ignores signals that it has no handler for, and what follows takes a while.
signal.signal(signal.SIGTERM, _stop)

import os  # noqa: E402  # after the handler
import socket  # noqa: E402  # the same

from proxy_app.settings import Settings, SettingsError  # noqa: E402  # the same

_WRONG_SETTINGS = 2


def main() -> int:
    """Serve, and return the exit code: 0 after a signal, 1 without a socket, 2 for wrong settings."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        return _refuse(error, _WRONG_SETTINGS)
    os.environ.pop("TIKTOK_CLIENT_SECRET", None)
    from proxy_app import server  # noqa: PLC0415  # slow, and not needed to refuse wrong settings

    try:
        client = server.TikTokClient(settings.token_url, settings.deadline_seconds)
    except OSError as error:
        return _refuse(
            f"SSL_CERT_FILE names no readable file of certificates in PEM ({error.strerror}).", _WRONG_SETTINGS
        )
    try:
        listener = server.listen(settings)
    except OSError as error:
        # create_server adds the address to the system's words.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        return _refuse(f"{settings.host}:{settings.port} cannot be listened on: {reason}.", 1)
    server.serve(settings, client, listener)
    return 0


def _refuse(message: object, code: int) -> int:
    print(message, file=sys.stderr)  # noqa: T201  # this is the command's output
    return code


if __name__ == "__main__":
    sys.exit(main())
