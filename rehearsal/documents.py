"""Serves the pages of docs/, so that an error on the rehearsal's page can link to its remedy."""

import re
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_DOCUMENTS = {path.stem: path for path in (Path(__file__).parents[1] / "docs").glob("*.md")}
_TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


async def show_document(request: Request) -> Response:
    """Show the document of the path, with the anchors that GitHub gives its headings."""
    document = _DOCUMENTS.get(request.path_params["name"])
    if document is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    tokens = _MARKDOWN.parse(document.read_text(encoding="utf-8"))
    for opening, heading in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor(heading.content))
    content = Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704  # Markdown escapes HTML
    page = _TEMPLATES.get_template("document.html").render(
        title=document.stem, content=content, address=request.url_for
    )
    return HTMLResponse(page, headers={"content-security-policy": _POLICY})


def anchor(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


ROUTE = Route("/docs/{name}.md", show_document, name="document")
