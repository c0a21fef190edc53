"""What a person sees in the browser: pages filled from the templates, without any script."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

FOLDER = Path(__file__).parent / "templates"
HEADERS = {
    # A form's redirects are held to form-action all the way, so every party of a sign-in has to be allowed here:
    # https://www.w3.org/TR/CSP3/#directive-form-action
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' https: http://localhost:* http://127.0.0.1:*"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


def escaped(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values as HTML text."""
    return {name: escape(value) for name, value in values.items()}


def part(name: str, values: Mapping[str, str], **markup: str) -> str:
    """Fill the file ``name``.html with values, which are escaped, and with markup, which is not."""
    template = Template((FOLDER / f"{name}.html").read_text(encoding="utf-8"))
    return template.substitute(escaped(values), **markup)


def page(title: str, content: str, status: int = 200) -> HTMLResponse:
    """Return a whole page, under the banner that says what it is not."""
    return HTMLResponse(part("page", {"title": title}, content=content), status, HEADERS)
