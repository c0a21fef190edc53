"""What the README shows is what its commands print."""

import re
from collections.abc import Mapping
from contextlib import ExitStack

from tests.docs.console import PROJECT, commands, free_ports, going_on, run

_README = PROJECT / "README.md"
_PORTS: tuple[str, ...] = ("3333", "8080")


def test_the_readmes_commands_print_what_it_shows() -> None:
    with ExitStack() as servers:
        own = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
        shown: list[tuple[str, str]] = []
        printed: list[tuple[str, str]] = []
        for command in commands(_README):
            line, expected = (_moved(text, own) for text in (command.line, command.printed))
            environment = {"PORT": own["3333" if "make serve" in line else "8080"]}
            start = going_on(line, environment, expected.count("\n") + 1) if command.goes_on else None
            said = servers.enter_context(start) if start else run(line, environment)
            shown.append((line, expected))
            printed.append((line, said))

    assert printed == shown
    assert len(printed) >= len(_PORTS)


def _moved(text: str, own: Mapping[str, str]) -> str:
    return re.sub("|".join(own), lambda found: own[found[0]], text)
