"""Every page of a sign-in is accessible and fits a phone and a desktop, light and dark. Screenshots are kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe  # pyright: ignore[reportMissingTypeStubs]  # has none
from playwright.sync_api import Page

from rehearsal.emulated_vendors import APPLICATION
from tests.support.browser.visitor import Visitor
from tests.system.browser.conftest import Arrives, Rehearsed

PICTURES = Path(__file__).parents[3] / "build" / "pictures"
DEVICES = {"phone": (390, 844), "desktop": (1200, 900)}
_VIOLATIONS = {"resultTypes": ["violations"]}
# What axe looks at in each scheme: only contrast can differ in the second one.
_SCHEMES: dict[Literal["light", "dark"], dict[str, list[str]]] = {
    "light": _VIOLATIONS,
    "dark": _VIOLATIONS | {"runOnly": ["color-contrast"]},
}
_SERIOUS = {"serious", "critical"}
Go = Callable[[Visitor, Rehearsed], None]


def home(_visitor: Visitor, _rehearsed: Rehearsed) -> None: ...


def consent(visitor: Visitor, _rehearsed: Rehearsed) -> None:
    visitor.goes_to_tiktok()


def profile(visitor: Visitor, _rehearsed: Rehearsed) -> None:
    visitor.signs_in()


def refused(visitor: Visitor, _rehearsed: Rehearsed) -> None:
    visitor.goes_to_tiktok()
    visitor.presses("Cancel")


def tiktok_is_down(visitor: Visitor, rehearsed: Rehearsed) -> None:
    rehearsed.vendors.tiktok.queue_fault("token", "internal_error")
    visitor.signs_in()


def tiktok_error(visitor: Visitor, rehearsed: Rehearsed) -> None:
    rehearsed.vendors.tiktok.queue_error("authorize", "redirect_uri")
    visitor.goes_to_tiktok()


def auth0_login(visitor: Visitor, rehearsed: Rehearsed) -> None:
    _authorize(visitor, rehearsed, f"{rehearsed.origin}/callback")


def auth0_error(visitor: Visitor, rehearsed: Rehearsed) -> None:
    _authorize(visitor, rehearsed, "https://elsewhere.example/")


def troubleshooting(visitor: Visitor, _rehearsed: Rehearsed) -> None:
    visitor.opens("/docs/troubleshooting.md")


def _authorize(visitor: Visitor, rehearsed: Rehearsed, callback: str) -> None:
    query = {"client_id": APPLICATION, "response_type": "code", "scope": "openid", "redirect_uri": callback}
    visitor.page.goto(f"{rehearsed.vendors.login_origin}/authorize?{urlencode(query)}")


ELSEWHERE: list[Go] = [consent, tiktok_error, auth0_login, auth0_error, troubleshooting]
PAGES: list[Go] = [home, profile, refused, tiktok_is_down, *ELSEWHERE]


@pytest.mark.parametrize("go", ELSEWHERE, ids=lambda go: go.__name__)
def test_every_page_leads_back_to_the_rehearsal(arrives: Arrives, rehearsed: Rehearsed, go: Go) -> None:
    visitor = arrives(java_script_enabled=False)
    go(visitor, rehearsed)

    visitor.page.get_by_role("link", name="Back to the rehearsal").click()

    assert visitor.page.url == f"{rehearsed.origin}/"
    assert visitor.sees == "Welcome"
    assert not [complaint for complaint in visitor.complaints if "Content Security Policy" in complaint]


@pytest.mark.parametrize("device", DEVICES)
def test_every_page_is_accessible_and_fits(arrives: Arrives, rehearsed: Rehearsed, device: str) -> None:
    width, height = DEVICES[device]
    # axe is a script, which the pages' own policy forbids.
    visitor = arrives(viewport={"width": width, "height": height}, bypass_csp=True)

    found = {go.__name__: _problems(visitor, rehearsed, go, device) for go in PAGES}

    assert found == {go.__name__: [] for go in PAGES}


def _problems(visitor: Visitor, rehearsed: Rehearsed, go: Go, device: str) -> list[str]:
    visitor.page.context.clear_cookies()
    visitor.opens()
    go(visitor, rehearsed)
    name = go.__name__.replace("_", "-")
    problems: list[str] = []
    for scheme, rules in _SCHEMES.items():
        visitor.page.emulate_media(color_scheme=scheme)
        visitor.page.screenshot(path=PICTURES / f"{name}-{device}-{scheme}.png", full_page=True)
        problems += [f"{scheme}: {violation}" for violation in _violations(visitor.page, rules)]
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*problems, *(["it is wider than the screen"] if wide else [])]


def _violations(page: Page, rules: dict[str, list[str]]) -> list[str]:
    axe: Any = Axe()
    response = cast("dict[str, Any]", axe.run(page, options=rules).response)
    return [
        f"{violation['id']}: {violation['nodes'][0]['html']}"
        for violation in response["violations"]
        if violation["impact"] in _SERIOUS
    ]
