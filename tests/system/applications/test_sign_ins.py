"""Auth0's released SDKs, unmodified, sign people in with TikTok in a rehearsal."""

import re
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.visitor import Visitor
from tests.system.applications.conftest import NODE, Runs

Arrives = Callable[[str], Visitor]
_OUT, _ADA = "Signed out", "Hello Ada Example"


def _shows(visitor: Visitor, heading: str) -> None:
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(heading, timeout=15_000)


def _sign_in(visitor: Visitor, role: Any = "link") -> None:  # noqa: ANN401  # Playwright's roles
    visitor.page.get_by_role(role, name="Sign in", exact=True).click()
    _choose_ada(visitor.page)


def _choose_ada(page: Page) -> None:
    page.get_by_role("link", name="Continue with TikTok").click()
    page.get_by_role("radio", name="Ada Example").check()
    page.get_by_role("button", name="Allow", exact=True).click()


def _assert_whole_session(visitor: Visitor) -> None:
    """Sign in, keep the session through a reload, sign out, and stay signed out."""
    _shows(visitor, _OUT)
    _sign_in(visitor)
    _shows(visitor, _ADA)
    visitor.opens()
    _shows(visitor, _ADA)
    visitor.page.get_by_role("link", name="Sign out").click()
    _shows(visitor, _OUT)
    assert visitor.page.url.rstrip("/") == visitor.origin
    visitor.page.get_by_role("link", name="Sign in", exact=True).click()
    expect(visitor.page.get_by_role("link", name="Continue with TikTok")).to_be_visible()  # Auth0's session ended, too


def test_express_openid_connect_with_its_defaults(runs: Runs, arrives: Arrives) -> None:
    with runs("node", "website", [NODE, "website.js"]) as origin:
        visitor = arrives(origin)
        _assert_whole_session(visitor)


def test_passport_auth0(runs: Runs, arrives: Arrives) -> None:
    with runs("node", "passport", [NODE, "passport.js"]) as origin:
        _assert_whole_session(arrives(origin))


def test_the_flask_quickstart(runs: Runs, arrives: Arrives) -> None:
    with runs("flask", "flask", [sys.executable, "website.py"]) as origin:
        _assert_whole_session(arrives(origin))


def test_auth0_fastapi(runs: Runs, arrives: Arrives) -> None:
    with runs("fastapi", "fastapi", [sys.executable, "website.py"]) as origin:
        _assert_whole_session(arrives(origin))


def test_openid_client(runs: Runs, arrives: Arrives) -> None:
    with runs("node", "openid-client", [NODE, "openid_client.mjs"]) as origin:
        _assert_whole_session(arrives(origin))


def test_authjs(runs: Runs, arrives: Arrives) -> None:
    with runs("node", "authjs", [NODE, "authjs.mjs"]) as origin:
        visitor = arrives(origin)
        visitor.page.get_by_role("link", name="Sign in", exact=True).click()
        visitor.presses("Sign in with Auth0")
        _choose_ada(visitor.page)
        _shows(visitor, _ADA)
        visitor.opens()
        _shows(visitor, _ADA)
        visitor.page.get_by_role("link", name="Sign out").click()
        visitor.presses("Sign out")
        _shows(visitor, _OUT)


@pytest.mark.timeout(300)  # the packages are 350 MB
def test_nextjs_auth0(runs: Runs, arrives: Arrives, ports: dict[str, int]) -> None:
    command = [NODE, "../node_modules/next/dist/bin/next", "dev", "--port", str(ports["nextjs"])]
    address = f"http://localhost:{ports['nextjs']}"
    with runs("nextjs", "nextjs", command, APP_BASE_URL=address, NEXT_TELEMETRY_DISABLED="1") as origin:
        httpx2.get(origin, timeout=60).raise_for_status()  # it compiles a page when it is first asked for
        visitor = arrives(origin)
        _assert_whole_session(visitor)


@pytest.fixture(scope="module")
def single_page(runs: Runs) -> Generator[str]:
    with runs("node", "single-page", [NODE, "single_page.js"]) as origin:
        yield origin


@contextmanager
def _frames(visitor: Visitor) -> Generator[list[str]]:
    """Collect the addresses that hidden frames go to."""
    addresses: list[str] = []
    visitor.page.on("framenavigated", lambda frame: addresses.append(frame.url) if frame.parent_frame else None)
    yield addresses


def test_a_single_page_application_refreshes_in_a_hidden_frame(single_page: str, arrives: Arrives) -> None:
    visitor = arrives(single_page)
    _shows(visitor, _OUT)
    _sign_in(visitor, "button")
    _shows(visitor, _ADA)

    with _frames(visitor) as frames:
        visitor.presses("Refresh")
        _shows(visitor, "Refreshed 3 parts")
        visitor.opens()  # tokens are in memory only
        _shows(visitor, _ADA)

    assert [address for address in frames if "response_mode=web_message" in address]
    visitor.presses("Sign out")
    _shows(visitor, _OUT)


def test_a_single_page_application_signs_in_in_a_window(single_page: str, arrives: Arrives) -> None:
    visitor = arrives(single_page)
    _shows(visitor, _OUT)
    with visitor.page.expect_popup() as opened:
        visitor.presses("Sign in in a window")
    _choose_ada(opened.value)

    _shows(visitor, _ADA)


def test_a_single_page_application_refreshes_by_rotating_tokens(single_page: str, arrives: Arrives) -> None:
    visitor = arrives(single_page)
    visitor.opens("/?rotating")
    _shows(visitor, _OUT)
    _sign_in(visitor, "button")
    _shows(visitor, _ADA)

    with _frames(visitor) as frames:
        for _ in range(2):  # the second time with what the first has returned
            visitor.presses("Refresh")
            _shows(visitor, "Refreshed 3 parts")
            visitor.page.evaluate("document.querySelector('h1').textContent = ''")

    assert not frames
    visitor.presses("Sign out")
    _shows(visitor, _OUT)


def test_an_api_takes_only_tokens_for_its_audience_and_scopes(single_page: str, arrives: Arrives) -> None:
    visitor = arrives(single_page)
    _shows(visitor, _OUT)
    _sign_in(visitor, "button")
    _shows(visitor, _ADA)

    visitor.presses("Call the API")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"200 oauth2\|tiktok\|.+, openid profile read:me$")  # the API has no delete:me
    )
    visitor.presses("Call the API with an opaque token")
    _shows(visitor, "401 refused")
    assert httpx2.get(f"{single_page}/api/me").status_code == 401
