"""The arguments of ``python -m rehearsal``; a wrong one is refused before anything is deployed."""

import argparse
import re
import shutil
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from rehearsal.emulated_vendors import APPLICATION, Registration

NOT_FOUND = 127
"""The exit code for a command that does not exist, as in a shell."""

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")  # https://www.rfc-editor.org/rfc/rfc6749#section-3.3


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options; ``exec`` has ``registrations``, its applications, and ``apis``, each with its scopes."""
    parser = argparse.ArgumentParser(
        prog="python -m rehearsal", description="Deploy the program onto emulators on this machine.", allow_abbrev=False
    )
    parser.add_argument("--once", action="store_true", help="remove everything at once, without waiting for Ctrl-C")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="take ports from N on instead of free ones")
    parser.add_argument("--plugins", choices=["stand-in", "released"], default="stand-in", help="the provider plugins")
    parser.add_argument("--identity", choices=["auth0", "clerk"], default="auth0", help="who signs people in")
    parser.set_defaults(quiet=False, json=False)
    _add_output_options(parser)
    commands = parser.add_subparsers(dest="subcommand", metavar="exec | preview")
    previewing = commands.add_parser(
        "preview", allow_abbrev=False, help="show what these files would change of another commit's stack"
    )
    previewing.add_argument("--base", required=True, metavar="COMMIT", help="the commit to compare with")
    executing = commands.add_parser(
        "exec",
        allow_abbrev=False,
        help="run a command, such as an application's tests, while everything is up, and end with its exit code",
    )
    _add_output_options(executing)
    _add_exec_options(executing)
    options = parser.parse_args(arguments)
    if options.identity == "clerk" and (options.subcommand or options.port or options.plugins == "released"):
        parser.error("--identity clerk allows none of exec, preview, --port and --plugins: there is no sign-in")
    if options.subcommand == "exec":
        options.registrations = _registrations(options, executing)
        if not shutil.which(options.command[0]):
            executing.exit(NOT_FOUND, f"{options.command[0]} cannot be run: there is no such command.\n")
    return options


def _add_output_options(parser: argparse.ArgumentParser) -> None:
    quiet, as_json = "print the engine's output only if it fails", "print outputs and times as one JSON object"
    parser.add_argument("--quiet", action="store_true", default=argparse.SUPPRESS, help=quiet)
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=as_json)


def _add_exec_options(parser: argparse.ArgumentParser) -> None:
    own: dict[str, Any] = {"action": _ForTheLastApplication, "dest": "applications", "default": None}
    parser.add_argument("--callback", type=_url, metavar="URL", help="a callback URL; may be repeated", **own)
    parser.add_argument("--logout-url", type=_url, metavar="URL", help="where a logout may return to", **own)
    parser.add_argument("--web-origin", type=_origin, metavar="ORIGIN", help="an origin that may use CORS", **own)
    parser.add_argument("--spa", nargs=0, help="a single-page application: it has no secret", **own)
    parser.add_argument(
        "--application", type=_name, metavar="NAME", help="one more application, for the options that follow", **own
    )
    api: dict[str, Any] = {"action": _ForTheLastApi, "dest": "apis", "default": {}}
    parser.add_argument("--audience", type=_identifier, metavar="ID", help="the identifier of an API", **api)
    parser.add_argument("--scope", type=_scope, metavar="NAME", help="a scope of the API that was named last", **api)
    parser.add_argument("command", nargs="+", help="the command, after --")


class _ForTheLastApplication(argparse.Action):
    """Add the option to the application that ``--application`` named last, or to the first one."""

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        applications: list[dict[str, Any]] = namespace.applications or [{"name": APPLICATION}]
        option = str(option_string).lstrip("-").replace("-", "_")
        if option == "application":
            applications.append({"name": values})
        elif option == "spa":
            applications[-1]["spa"] = True
        else:
            applications[-1].setdefault(f"{option}s", []).append(values)
        namespace.applications = applications


class _ForTheLastApi(argparse.Action):
    """Add an API by its identifier, or a scope to the API that ``--audience`` named last."""

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        apis: dict[str, list[str]] = dict(namespace.apis)
        if option_string == "--scope":
            if not apis:
                raise argparse.ArgumentError(self, "an --audience has to come before it")
            apis[list(apis)[-1]].append(str(values))
        elif values in apis:
            raise argparse.ArgumentError(self, f"{values} is given twice")
        else:
            apis[str(values)] = []
        namespace.apis = apis


def _registrations(options: argparse.Namespace, parser: argparse.ArgumentParser) -> list[Registration]:
    applications: list[dict[str, Any]] = options.applications or [{"name": APPLICATION}]
    names = [each["name"] for each in applications]
    if repeated := [name for name in names if names.count(name) > 1]:
        parser.error(f"--application {repeated[0]} is given twice")
    if missing := [each["name"] for each in applications if not each.get("callbacks")]:
        parser.error(f"the application {missing[0]} needs at least one --callback")
    return [Registration(**each) for each in applications]


def _named(name: str) -> Callable[[Callable[[str], str]], Callable[[str], str]]:
    """Give a converter the name that argparse uses in its error."""

    def rename(convert: Callable[[str], str]) -> Callable[[str], str]:
        convert.__name__ = name
        return convert

    return rename


@_named("absolute URL (http or https, without a fragment)")
def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment or re.search(r"\s", text):
        raise ValueError(text)
    return text


@_named("origin (scheme://host:port without a path)")
def _origin(text: str) -> str:
    parts = urlsplit(_url(text))
    if parts.path not in {"", "/"} or parts.query:
        raise ValueError(text)
    return text.rstrip("/")


@_named("name (lower-case letters, digits and hyphens)")
def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(text)
    return text


@_named("identifier")
def _identifier(text: str) -> str:
    if not text or re.search(r"\s", text):
        raise ValueError(text)
    return text


@_named("scope (no blanks, quotes or backslashes)")
def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text):
        raise ValueError(text)
    return text
