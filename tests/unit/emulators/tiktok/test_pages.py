"""The pages work without scripts, say what they are not, and can be read."""

import re

import pytest

from emulators.tiktok import TikTok
from emulators.tiktok.pages import TEMPLATES
from tests.support.tiktok.visitor import KEY, REQUEST, Visitor

PAGES = [
    "/",
    "/v2/auth/error/?error_type=scope&log_id=1",
    f"/v2/auth/authorize/?{'&'.join(f'{n}={v}' for n, v in REQUEST.items())}",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_it_is_no_tiktok(visitor: Visitor, path: str) -> None:
    page = visitor.http.get(path).text

    assert "This is not TikTok" in page
    assert '<html lang="en">' in page
    assert (page.count("<header>"), page.count("<main>"), page.count("<h1>")) == (1, 1, 1)
    assert 'name="viewport"' in page


@pytest.mark.parametrize("path", PAGES)
def test_only_a_rehearsal_links_its_own_page_from_every_page(tiktok: TikTok, visitor: Visitor, path: str) -> None:
    assert "Back to" not in visitor.http.get(path).text

    tiktok.home_url = "http://localhost:3000/"

    assert '<a href="http://localhost:3000/">Back to the rehearsal</a>' in visitor.http.get(path).text


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_script_or_may_have_one(visitor: Visitor, path: str) -> None:
    page = visitor.http.get(path)
    policy = page.headers["content-security-policy"]

    assert not re.search(r"<script|\son\w+=|\sstyle=|javascript:", page.text)
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_the_policy_lets_a_form_lead_on_to_the_app(visitor: Visitor) -> None:
    policy = visitor.authorize().headers["content-security-policy"]

    assert "form-action 'self' https: http://localhost:* http://127.0.0.1:*" in policy


@pytest.mark.parametrize(("file", "kind"), [("style.css", "text/css"), ("icon.svg", "image/svg+xml")])
def test_the_pages_own_files_are_served(visitor: Visitor, file: str, kind: str) -> None:
    assert visitor.http.get(f"/emulator/{file}").headers["content-type"].startswith(kind)


def test_what_the_request_says_is_text_on_the_page(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.add_person("eve", display_name='"><script>')

    assert "<script>" not in visitor.authorize().text
    assert "<script>" not in visitor.http.get("/v2/auth/error/", params={"error_type": "<script>"}).text


def test_every_choice_has_a_label_and_the_buttons_their_words(visitor: Visitor) -> None:
    page = visitor.authorize().text

    assert page.count("<label><input") == page.count("<input") == 5
    assert re.findall(r"<button[^>]*>(\w+)<", page) == ["Allow", "Cancel"]
    assert page.count("<legend>") == page.count("<fieldset>") == 2
    assert re.findall(r'value="user.info.basic" checked disabled', page)
    assert KEY in page


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2) of ``#rgb`` or ``#rrggbb``."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("ink", "paper", 4.5),
        ("ink", "field", 4.5),
        ("faint", "field", 4.5),
        ("faint", "paper", 4.5),
        ("on-accent", "accent", 4.5),
        ("on-warning", "warning", 4.5),
        ("line", "paper", 3.0),
        ("accent", "field", 3.0),
    ],
)
def test_the_contrast_is_aa_in_light_and_dark(scheme: int, front: str, back: str, least: float) -> None:
    blocks = re.findall(r":root \{(.*?)\}", (TEMPLATES / "style.css").read_text(encoding="utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", blocks[scheme]))

    bright, dark = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= least
