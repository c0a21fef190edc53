"""Templates of the generated documents, filled with facts from the code."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tools.documents import package, reference, troubleshooting

_DOCS = Path(__file__).parents[2] / "docs"


def pages() -> dict[Path, str]:
    """Return the text of each generated document by its path; raise ``WordsMismatchError`` if words are missing."""
    return {
        _DOCS / "package.md": _fill("package.md.jinja", package.facts()),
        _DOCS / "reference.md": _fill("reference.md.jinja", reference.facts()),
        _DOCS / "troubleshooting.md": _fill("troubleshooting.md.jinja", troubleshooting.facts()),
    }


def _fill(template: str, facts: dict[str, Any]) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # Markdown, from this repository's own words
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = _cell
    return environment.get_template(template).render(facts).rstrip() + "\n"


def _cell(text: object) -> str:
    """Escape a text for one cell of a table."""
    return " ".join(str(text).replace("|", "\\|").split())
