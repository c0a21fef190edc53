"""Generated documents match the code, and every link in a document leads to a file and a heading."""

import re
from pathlib import Path

import pytest

from rehearsal.documents import anchor
from tests.support.docs.console import PROJECT
from tests.support.proxy.running_proxy import environment, run
from tools.documents.pages import pages
from tools.documents.words import WordsMismatchError, pair_words

_TROUBLESHOOTING = PROJECT / "docs" / "troubleshooting.md"
_EVERY_DOCUMENT = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md"))]
_LINK = re.compile(r"\]\((?!https?://)([^)#]*)(?:#([^)]+))?\)")


def cells(heading: str) -> list[list[str]]:
    """Return the rows of the tables below a heading of troubleshooting.md, without their heads."""
    text = _TROUBLESHOOTING.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.splitlines() if "|" in line]
    return [row for row, below in zip(rows, [*rows[1:], [""]], strict=True) if "---" not in row[0] + below[0]]


def test_what_is_committed_is_what_the_code_says() -> None:
    made = {path.name: text for path, text in pages().items()}

    assert {name: (PROJECT / "docs" / name).read_text() for name in made} == made, "run `make docs`"


def test_a_name_without_words_and_words_without_a_name_are_refused() -> None:
    assert pair_words(["b", "a", "b"], {"a": "1", "b": "2"}) == {"b": "2", "a": "1"}
    with pytest.raises(WordsMismatchError, match=r"\['a'\]"):
        pair_words(["a"], {})
    with pytest.raises(WordsMismatchError, match=r"\['a'\]"):
        pair_words([], {"a": "1"})


def test_every_row_says_what_to_do() -> None:
    text = _TROUBLESHOOTING.read_text()
    rows = [row for section in re.findall(r"^## (.+)$", text, re.MULTILINE) for row in cells(section)]

    assert len(rows) > 120
    assert [row for row in rows if not all(row)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"TIKTOK_CLIENT_KEY": ""},
        {"TIKTOK_CLIENT_KEY": "two words"},
        {"TIKTOK_CLIENT_SECRET": ""},
        {"TIKTOK_CLIENT_SECRET": "", "TIKTOK_CLIENT_SECRET_SHA256": "short"},
        {"PORT": "none"},
        {"TIKTOK_TOKEN_URL": "http://example.com/"},
        {"TIKTOK_DEADLINE_SECONDS": "60"},
        {"SSL_CERT_FILE": "/nowhere"},
        {"HOST": "192.0.2.1"},
    ],
    ids=str,
)
def test_what_the_proxy_says_when_it_does_not_start_is_found_in_the_document(wrong: dict[str, str]) -> None:
    _, _, said = run(environment(**wrong))

    patterns = [re.escape(sentence).replace("…", ".*") for sentence, _ in cells("The token proxy does not start")]
    assert said
    assert [line for line in said.splitlines() if not any(re.fullmatch(each, line) for each in patterns)] == []


@pytest.mark.parametrize("document", _EVERY_DOCUMENT, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    for name, heading in _LINK.findall(document.read_text()):
        target = document.parent / name if name else document
        assert target.exists(), name
        assert not heading or heading in anchors(target), f"{name}#{heading}"


def anchors(document: Path) -> list[str]:
    """Return the anchors of a document's headings."""
    return [anchor(heading) for heading in re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)]
