"""``python -m rehearsal.application``: sign in to an application of a live tenant, in a browser on this machine."""

import argparse
import os
import secrets
import sys
from collections.abc import Mapping, Sequence

from emulators.kit.command_line import Parser, port, wait_for_signal
from emulators.kit.serving import serving
from rehearsal.application.app import create_app
from rehearsal.application.live import SignInTargetError, sign_in_at
from rehearsal.application.oidc import Client

_PUBLIC = "AUTH0_APPLICATION_SECRET is not set, so the application has to be a public one (Native or Single Page)."
_CONFIDENTIAL = "The application's secret is the one in AUTH0_APPLICATION_SECRET."


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="python -m rehearsal.application", description=__doc__, allow_abbrev=False)
    parser.add_argument("--application", required=True, metavar="ID", help="client id of the Auth0 application")
    parser.add_argument("--stack", default="", help="the stack that is signed in to; without it AUTH0_DOMAIN is taken")
    parser.add_argument("--port", type=port, default=3000, help="where to listen on localhost (default: %(default)s)")
    return parser.parse_args(arguments)


def _client(options: argparse.Namespace, environment: Mapping[str, str]) -> Client:
    place = sign_in_at(options.stack, environment)
    secret = environment.get("AUTH0_APPLICATION_SECRET", "")
    return Client(issuer=place.issuer, client_id=options.application, secret=secret, connection=place.connection)


def _told(client: Client, origin: str) -> str:
    return (
        f"In Auth0, the application {client.client_id} needs\n"
        f"  {origin}/callback  as an Allowed Callback URL\n"
        f"  {origin}/          as an Allowed Logout URL\n"
        f"{_CONFIDENTIAL if client.secret else _PUBLIC}\n"
        f"Sign in at {origin}/ (Ctrl-C ends it)"
    )


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int | str:
    """Serve until Ctrl-C, and return an exit code, or a sentence about why it cannot serve."""
    options = _arguments(arguments)
    if not options.application:
        return "APPLICATION is missing: run make try STACK=dev APPLICATION=CLIENT-ID-OF-YOUR-APPLICATION."
    try:
        client = _client(options, environment)
        with serving(create_app(client, secrets.token_urlsafe()), port=options.port) as origin:
            print(_told(client, origin.replace("127.0.0.1", "localhost")), flush=True)
            wait_for_signal()
    except (SignInTargetError, OSError) as wrong:
        return str(wrong)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
