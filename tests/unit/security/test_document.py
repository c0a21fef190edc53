"""SECURITY.md names existing tests for each threat."""

import ast
import re
from pathlib import Path

from proxy_app.http_protocol import Limits
from proxy_app.http_request import BODY_BYTES, HEAD_BYTES, HEADERS
from proxy_app.settings import LONGEST_DEADLINE_SECONDS

_ROOT = Path(__file__).parents[3]
_DOCUMENT = (_ROOT / "SECURITY.md").read_text()
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def threats() -> list[list[str]]:
    """Return the cells of each row of the table of threats."""
    section = _DOCUMENT.partition("## Threats")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def claims_of(path: str) -> set[str]:
    tree = ast.parse((_ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_each_threat_has_what_holds_it_and_tests_that_show_it() -> None:
    assert len(threats()) > 20
    for threat, held_by, shown_by in threats():
        assert threat
        assert held_by
        assert set(_NAMED.split(shown_by)[::3]) <= {"", "<br>"}, f"{threat}: it takes names of tests, and nothing else."
        assert _NAMED.search(shown_by), threat


def test_every_test_that_is_named_exists() -> None:
    named = _NAMED.findall(_DOCUMENT)
    assert [f"{path}::{name}" for path, name in named if name not in claims_of(path)] == []


def test_every_file_that_is_named_exists() -> None:
    named = re.findall(r"`((?:tests|proxy_app)/[\w/]+(?:\.py)?)(?:::|`)", _DOCUMENT)
    assert named
    assert [path for path in named if not (_ROOT / path).exists()] == []


def test_the_limits_that_it_names_are_those_of_the_proxy() -> None:
    limits = Limits()

    assert (
        f"{HEADERS} headers and {HEAD_BYTES // 1024} KiB of head in {limits.head_seconds} seconds, "
        f"{BODY_BYTES // 1024} KiB of body in {limits.body_seconds}, 16 KiB pipelined, "
        f"{limits.unread_seconds} seconds to read an answer, {limits.connections:,} connections"
    ) in _DOCUMENT
    assert f"{LONGEST_DEADLINE_SECONDS} seconds for TikTok" in _DOCUMENT
