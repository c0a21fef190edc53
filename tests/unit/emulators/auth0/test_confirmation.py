"""A callback that anybody on the user's machine can receive needs the user's confirmation."""

import httpx2
import pytest

from emulators.auth0.login.confirmation import is_verifiable
from tests.support.auth0.browser import Browser, authorization_request, redirect_parameters
from tests.unit.emulators.auth0.conftest import CALLBACK, ConnectedTenant

LOOPBACK = "http://localhost:3000/callback"
SETTING = "skip_non_verifiable_callback_uri_confirmation_prompt"


def to_consent(connected: ConnectedTenant, browser: Browser) -> httpx2.Response:
    """Sign in with a loopback callback, up to the page that comes after the provider's."""
    client = connected.tenant.clients["app"]
    client["callbacks"] = [CALLBACK, LOOPBACK]
    return browser.get(browser.allow(browser.go_to_tiktok(connected, redirect_uri=LOOPBACK)))


@pytest.mark.parametrize(
    ("redirect_uri", "verifiable"),
    [
        ("https://app.example.com/callback", True),
        ("http://app.localhost:3000/callback", True),
        ("http://localhost:3000/callback", False),
        ("https://localhost/callback", False),
        ("http://127.0.0.2/callback", False),
        ("http://[::1]:3000/callback", False),
        ("com.example.app://callback", False),
    ],
)
def test_only_web_addresses_off_this_machine_are_verifiable(redirect_uri: str, *, verifiable: bool) -> None:
    assert is_verifiable(redirect_uri) is verifiable


@pytest.mark.parametrize(("action", "brought"), [("accept", "code"), ("decline", "error")])
def test_the_user_decides_whether_the_application_gets_a_code(
    connected: ConnectedTenant, action: str, brought: str
) -> None:
    with Browser() as browser:
        page = f"{connected.origin}{to_consent(connected, browser).headers['location']}"
        shown = browser.get(page)
        answer = redirect_parameters(browser.post(page, data={"action": action}))
        again = browser.post(page, data={"action": action})

    assert "Authorize App" in shown.text
    assert "app is requesting access" in shown.text
    assert answer.keys() >= {brought, "state"}
    assert answer.get("error", "access_denied") == "access_denied"
    assert again.status_code == 400


def test_another_browser_cannot_confirm(connected: ConnectedTenant) -> None:
    with Browser() as browser, Browser() as other:
        page = f"{connected.origin}{to_consent(connected, browser).headers['location']}"
        response = other.post(page, data={"action": "accept"})

    assert response.status_code == 400


def test_a_session_needs_the_confirmation_each_time(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        to_consent(connected, browser)
        asked = authorization_request(redirect_uri=LOOPBACK)
        locations = [browser.get(f"{connected.origin}/authorize", params=asked).headers["location"] for _ in range(2)]

    assert [location.partition("?")[0] for location in locations] == ["/u/consent"] * 2


def test_who_pressed_a_button_on_the_login_page_need_not_confirm(connected: ConnectedTenant) -> None:
    connected.tenant.clients["app"]["callbacks"] = [LOOPBACK]
    asked = authorization_request(redirect_uri=LOOPBACK)
    del asked["connection"]
    with Browser() as browser:
        browser.get(f"{connected.origin}/authorize", params=asked)
        [state] = connected.tenant.login.choices
        chosen = {"state": state, "connection": "tiktok"}
        at_tiktok = browser.get(f"{connected.origin}/u/login", params=chosen).headers["location"]
        answer = redirect_parameters(browser.get(browser.allow(at_tiktok)))

    assert "code" in answer


@pytest.mark.parametrize(
    ("client", "tenant", "asked"),
    [(True, None, False), (None, True, False), (False, True, True), (None, None, True)],
)
def test_the_applications_setting_wins_over_the_tenants(
    connected: ConnectedTenant, client: object, tenant: object, *, asked: bool
) -> None:
    connected.tenant.clients["app"][SETTING] = client
    connected.tenant.settings[SETTING] = tenant
    with Browser() as browser:
        location = to_consent(connected, browser).headers["location"]

    assert location.startswith("/u/consent") is asked
