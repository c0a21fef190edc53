"""Logout, Auth0's own and OpenID Connect's."""

import httpx2
import pytest

from emulators.auth0.login.logout import matches
from tests.support.auth0.browser import Browser, authorization_request, exchange, redirect_parameters
from tests.unit.emulators.auth0.conftest import ConnectedTenant

ROOT = "https://app.example.com/"


@pytest.mark.parametrize(
    ("url", "allowed", "equal"),
    [
        ("https://app.example.com/out?a=1#b", "https://app.example.com/out", True),
        ("HTTPS://APP.example.com/out", "https://app.example.com/out", True),
        ("https://app.example.com/Out", "https://app.example.com/out", False),
        ("http://app.example.com/out", "https://app.example.com/out", False),
        ("https://a.example.com/", "https://*.example.com/", True),
        ("https://a.b.example.com/", "https://*.example.com/", False),
        ("https://evil.com/", "https://*.example.com/", False),
    ],
)
def test_return_to_is_compared_as_auth0_does(url: str, allowed: str, *, equal: bool) -> None:
    assert matches(url, allowed, root_slash_matters=True) is equal


def test_a_client_without_return_to_goes_to_its_first_logout_url(connected: ConnectedTenant) -> None:
    response = httpx2.get(f"{connected.origin}/v2/logout", params={"client_id": "app"})

    assert response.headers["location"] == ROOT
    assert httpx2.get(f"{connected.origin}/v2/logout").text == "OK"


def session(connected: ConnectedTenant, browser: Browser) -> str:
    """Sign in and return the ID token."""
    return exchange(connected, browser.sign_in(connected)["code"]).json()["id_token"]


def is_signed_in(connected: ConnectedTenant, browser: Browser) -> bool:
    response = browser.get(f"{connected.origin}/authorize", params=authorization_request(prompt="none"))
    return "code" in redirect_parameters(response)


def test_an_id_token_ends_its_session_and_the_state_comes_back(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        asked = {"id_token_hint": session(connected, browser), "post_logout_redirect_uri": ROOT, "state": "s"}
        response = browser.get(f"{connected.origin}/oidc/logout", params=asked)

        assert response.headers["location"] == f"{ROOT}?state=s"
        assert not is_signed_in(connected, browser)


def test_without_a_hint_the_user_is_asked(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        session(connected, browser)
        asked = {"client_id": "app", "post_logout_redirect_uri": ROOT}
        page = browser.post(f"{connected.origin}/oidc/logout", data=asked)
        assert is_signed_in(connected, browser)

        [state] = connected.tenant.login.logouts
        confirmed = browser.post(f"{connected.origin}/oidc/logout/confirm?state={state}")

        assert "Did you want to log out?" in page.text
        assert confirmed.headers["location"] == ROOT
        assert not is_signed_in(connected, browser)


@pytest.mark.parametrize(
    "wrong",
    [
        {"post_logout_redirect_uri": f"{ROOT}?more=1"},
        {"id_token_hint": "no-token"},
        {"client_id": "other"},
        {"logout_hint": "another-session"},
    ],
)
def test_a_wrong_request_stays_on_auth0s_own_page(connected: ConnectedTenant, wrong: dict[str, str]) -> None:
    with Browser() as browser:
        asked = {"id_token_hint": session(connected, browser), "post_logout_redirect_uri": ROOT}
        response = browser.get(f"{connected.origin}/oidc/logout", params={**asked, **wrong})

        assert response.status_code == 400
        assert is_signed_in(connected, browser)


@pytest.mark.parametrize("path", ["/v2/logout", "/oidc/logout"])
def test_federated_logout_is_not_emulated(connected: ConnectedTenant, path: str) -> None:
    assert httpx2.get(f"{connected.origin}{path}?federated").status_code == 501
