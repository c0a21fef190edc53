"""The README and the page about the proxy show what their commands print."""

import re
from collections.abc import Mapping
from contextlib import ExitStack

import pytest

from emulators.kit.serving import free_port
from tests.support.docs.console import PROJECT, commands, going_on, run

_README = PROJECT / "README.md"
_PROXY_PAGE = PROJECT / "docs" / "token-proxy.md"
_PORTS: tuple[str, ...] = ("3333", "8080")


def test_the_proxys_commands_print_what_their_page_shows() -> None:
    with ExitStack() as servers:
        first = free_port(adjacent=len(_PORTS))
        own = {port: str(first + place) for place, port in enumerate(_PORTS)}
        shown: list[tuple[str, str]] = []
        printed: list[tuple[str, str]] = []
        for command in commands(_PROXY_PAGE):
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


@pytest.mark.engine
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("pulumi")
def test_the_rehearsal_prints_what_the_readme_shows() -> None:
    (command,) = [each for each in commands(_README) if "rehearsal" in each.line]
    printed = [_without_chance(line) for line in run(command.line, {}).splitlines()]

    missing = [
        line
        for line in command.printed.splitlines()
        if line != "..." and not any(_without_chance(line) == each for each in printed)
    ]
    assert missing == [], "\n".join(printed)


def _without_chance(line: str) -> str:
    """Leave out of a line what differs from run to run: times, ports, ids and the archive's digest."""
    line = re.sub(r"(\d+ min )?\d+(\.\d+)? ?s\b", "N s", line)
    line = re.sub(r"(127\.0\.0\.1|localhost):\d+", r"\1:PORT", line)
    return re.sub(r"con_\w{16}|(?<=0\.1\.0-)[0-9a-f]{12}", "ID", line)
