"""``python -m proxy_app``: serve until told to stop.

What takes longest at a cold start is to import the server, and to connect to TikTok: both are done at once.
"""

import gc
import os
import socket
import sys

from proxy_app.dial import dial
from proxy_app.settings import Settings, WrongSettings

_WRONG_SETTINGS = 2


def main() -> int:
    """Serve, and return the exit code: 0 after a signal, 1 without a socket, 2 for settings that are wrong."""
    gc.disable()  # until the server stands: nothing that is imported is garbage
    try:
        settings = Settings.from_environment(os.environ)
    except WrongSettings as error:
        return _refuse(error, _WRONG_SETTINGS)
    os.environ.pop("TIKTOK_CLIENT_SECRET", None)
    dialled = dial(settings.token_url, settings.deadline_seconds)
    from proxy_app import server  # noqa: PLC0415  # slow, and the line to TikTok is being opened meanwhile

    try:
        upstream = server.Upstream(settings.token_url, settings.deadline_seconds)
    except OSError as error:
        return _refuse(
            f"SSL_CERT_FILE names no readable file of certificates in PEM ({error.strerror}).", _WRONG_SETTINGS
        )
    try:
        listener = server.listen(settings)
    except OSError as error:
        # create_server adds the address to its own words, in Python's spelling.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        return _refuse(f"{settings.host}:{settings.port} cannot be listened on: {reason}.", 1)
    server.serve(settings, upstream, listener, dialled)
    return 0


def _refuse(words: object, code: int) -> int:
    print(words, file=sys.stderr)  # noqa: T201  # this is the command's output
    return code


if __name__ == "__main__":
    sys.exit(main())
