"""Run an emulated tenant for a person: the Management API over https, and the login over plain http beside it."""

import argparse
import contextlib
import signal
import sys
import tempfile
import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import NoReturn

from emulators.auth0.app import create_app
from emulators.auth0.state import Tenant
from emulators.kit.authority import ThrowAwayAuthority
from emulators.kit.serving import serving

DEPLOYER_SCOPES = (
    "create:connections read:connections update:connections delete:connections "
    "read:connections_options update:connections_options "
    "create:clients read:clients update:clients delete:clients read:client_keys "
    "read:tenant_settings update:tenant_settings read:custom_domains read:users read:user_idp_tokens read:logs"
)
"""Everything that the emulated Management API asks for."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """End with one sentence and exit code 2."""
        self.exit(2, f"{self.prog}: {message.rstrip('.')}.\n")


def _parser() -> _Parser:
    parser = _Parser(prog="python -m emulators.auth0", description="Serve an emulated Auth0.", allow_abbrev=False)
    parser.add_argument("--port", type=_port, default=4443, help="of the Management API, by https; default: 4443")
    parser.add_argument("--login-port", type=_port, default=4444, help="of the login, by http; default: 4444")
    parser.add_argument(
        "--application", action="append", default=[], metavar="ID:SECRET:CALLBACK", help="may be repeated"
    )
    parser.add_argument(
        "--deployer",
        action="append",
        default=[],
        metavar="ID:SECRET",
        help="may call the Management API; may be repeated",
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 65_536:  # noqa: PLR2004  # the range of TCP ports
        raise ValueError(text)
    return port


_port.__name__ = "port"


def _parts(option: str, form: str, text: str) -> list[str]:
    """Return the parts of ``text``, which has the given form; a ``ValueError`` tells the form and not the text."""
    names = form.split(":")
    parts = text.split(":", len(names) - 1)
    if len(parts) != len(names) or not all(parts):
        raise ValueError(f"{option} takes {form}, each of them at least one character")
    return parts


def _tenant(options: argparse.Namespace) -> Tenant:
    tenant = Tenant()
    for text in options.application:
        client_id, secret, callback = _parts("--application", "ID:SECRET:CALLBACK", text)
        if not callback.startswith(("http://", "https://")):
            raise ValueError(f"--application {client_id} needs a callback that begins with http:// or https://")
        tenant.add_application(client_id, secret, callback)
    for text in options.deployer:
        client_id, secret = _parts("--deployer", "ID:SECRET", text)
        tenant.add_deployer(client_id, secret, DEPLOYER_SCOPES.split())
    return tenant


@contextlib.contextmanager
def _served(tenant: Tenant, options: argparse.Namespace) -> Generator[str]:
    """Serve both sides while the block lasts, and yield what to tell whoever started it."""
    app, authority = create_app(tenant), ThrowAwayAuthority()
    with (
        tempfile.TemporaryDirectory(prefix="emulated-auth0-") as folder,
        serving(app, tls=authority.server_context(), port=options.port) as management,
        serving(app, port=options.login_port) as login,
    ):
        bundle = authority.write_bundle(Path(folder, "ca.pem"))
        yield (
            "An emulated Auth0, which is not Auth0\n"
            f"  Management API {management}/api/v2/ (trust it by SSL_CERT_FILE={bundle})\n"
            f"  login          {login}/ (callback for the provider: {login}/login/callback)\n"
            f"  applications   {', '.join(tenant.clients) or 'none'}; Ctrl-C ends it\n"
        )


def main(arguments: Sequence[str]) -> None:
    """Run until SIGINT or SIGTERM; wrong arguments and a port that is taken end with one sentence and exit code 2."""
    parser = _parser()
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt), _served(_tenant(options), options) as told:
            sys.stdout.write(told)
            sys.stdout.flush()
            threading.Event().wait()
    except (ValueError, OSError) as wrong:
        parser.error(str(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
