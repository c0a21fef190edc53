"""``python -m emulators.tiktok``: serve the emulator; a deployment sets its options as environment variables."""

import argparse
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

import uvicorn

from .app import create_app
from .state import TikTok

# Prefix of each person's ids, so that they differ from real ones.
ID_PREFIX = "emulated-"


# emulators.kit has the same parser, but this emulator is deployed without it.
class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message.rstrip('.')}.\n")


def _parser(environment: Mapping[str, str]) -> _Parser:
    parser = _Parser(prog="python -m emulators.tiktok", description="Serve an emulated TikTok.", allow_abbrev=False)
    parser.add_argument("--host", default=environment.get("HOST", "127.0.0.1"), help="default: HOST, or 127.0.0.1")
    parser.add_argument("--port", type=_port, default=environment.get("PORT", "8080"), help="default: PORT, or 8080")
    parser.add_argument("--app", metavar="KEY:SECRET", help="default: TIKTOK_APP_KEY and TIKTOK_APP_SECRET")
    parser.add_argument(
        "--redirect-uri", action="append", metavar="URI", help="may be repeated; default: TIKTOK_APP_REDIRECT_URIS"
    )
    parser.add_argument("--scopes", metavar="LIST", help="the app's scopes, with commas; default: TIKTOK_APP_SCOPES")
    parser.add_argument("--allow-http", action="store_true", help="accept redirect URIs on http://localhost")
    parser.add_argument("--controls", action="store_true", help="let anyone who can reach it script it, at /emulator/")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 65_536:  # noqa: PLR2004  # the range of TCP ports
        raise ValueError(text)
    return port


_port.__name__ = "port"


def _create_tiktok(options: argparse.Namespace, environment: Mapping[str, str]) -> TikTok:
    """Return a TikTok with the one app of the options, or raise ``ValueError``."""
    named = options.app or f"{environment.get('TIKTOK_APP_KEY', '')}:{environment.get('TIKTOK_APP_SECRET', '')}"
    key, _, secret = named.partition(":")
    uris = options.redirect_uri or environment.get("TIKTOK_APP_REDIRECT_URIS", "").split()
    scopes = options.scopes or environment.get("TIKTOK_APP_SCOPES", "")
    tiktok = TikTok(id_prefix=ID_PREFIX, keep_received=options.controls, allow_http=options.allow_http)
    tiktok.register_app(key, secret, uris, scopes=scopes.split(",") if scopes else None)
    return tiktok


def _serve(tiktok: TikTok, listener: socket.socket, *, controls: bool) -> None:
    """Serve until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        create_app(tiktok, controls=controls),
        log_config=None,
        access_log=False,
        server_header=False,
        # Cloud Run's front end says by which scheme it was reached; the links in the answers need it.
        forwarded_allow_ips="*",
        # Longer than that front end keeps an idle connection (600 s), so that none is closed while a request is on it.
        timeout_keep_alive=620,
        timeout_graceful_shutdown=3,
    )
    # After it has stopped, uvicorn raises the signal again for the previous handler.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run the command; a wrong argument ends it with one sentence and exit code 2."""
    parser = _parser(environment)
    options = parser.parse_args(arguments)
    try:
        tiktok = _create_tiktok(options, environment)
        listener = socket.create_server((options.host, options.port))
    except (ValueError, OSError) as error:
        parser.error(str(error))
    with listener:
        host, port = listener.getsockname()[:2]
        app = next(iter(tiktok.apps.values()))
        sys.stdout.write(
            f"An emulated TikTok, which is not TikTok, on http://{host}:{port}\n"
            f"  app {app.key} returns to {', '.join(app.redirect_uris)}\n"
            f"  controls are {'on, at /emulator/' if options.controls else 'off'}; Ctrl-C ends it\n"
        )
        sys.stdout.flush()
        _serve(tiktok, listener, controls=options.controls)


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
