"""What comes back from /authorize, and how: every response type and mode."""

import html
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc import jwt

from tests.support.auth0.browser import Browser, authorization_request, redirect_parameters
from tests.unit.emulators.auth0.conftest import CALLBACK, ConnectedTenant


def authorize(connected: ConnectedTenant, browser: Browser, **more: str) -> httpx2.Response:
    return browser.get(f"{connected.origin}/authorize", params=authorization_request(**more))


def final_response(connected: ConnectedTenant, **more: str) -> httpx2.Response:
    """Go the whole way, and return the response that leads to the application."""
    with Browser() as browser:
        return browser.get(browser.allow(browser.go_to_tiktok(connected, **more)))


def fragment(response: httpx2.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(response.headers["location"]).fragment))


def claims(connected: ConnectedTenant, token: str) -> dict[str, Any]:
    return jwt.decode(token, connected.tenant.login.keys.current, algorithms=["RS256"]).claims


@pytest.mark.parametrize(
    ("response_type", "brought"),
    [
        ("token", {"access_token"}),
        ("id_token", {"id_token"}),
        ("token id_token", {"access_token", "id_token"}),
        ("code id_token", {"code", "id_token"}),
        ("code token", {"code", "access_token"}),
        ("code id_token token", {"code", "id_token", "access_token"}),
    ],
)
def test_tokens_come_in_the_fragment(connected: ConnectedTenant, response_type: str, brought: set[str]) -> None:
    answer = fragment(final_response(connected, response_type=response_type))

    extra = {"expires_in", "token_type", "scope"} if "access_token" in brought else set[str]()
    assert answer.keys() == brought | extra | {"state"}
    if "id_token" in brought:
        told = claims(connected, answer["id_token"])
        assert ("at_hash" in told, "c_hash" in told) == ("access_token" in brought, "code" in brought)


def test_an_implicit_token_lives_two_hours(connected: ConnectedTenant) -> None:
    assert fragment(final_response(connected, response_type="token"))["expires_in"] == "7200"
    assert fragment(final_response(connected, response_type="code token"))["expires_in"] == "86400"


def test_a_form_posts_itself_to_the_callback(connected: ConnectedTenant) -> None:
    response = final_response(connected, response_type="id_token", response_mode="form_post")
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html.unescape(response.text)))

    assert response.status_code == 200
    assert f'action="{CALLBACK}"' in response.text
    assert 'onload="javascript:document.forms[0].submit()"' in response.text
    assert fields.keys() == {"id_token", "state"}
    assert claims(connected, fields["id_token"])["nonce"] == "n-1"


def test_an_error_takes_the_same_way(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        response = authorize(connected, browser, response_mode="form_post", prompt="none")

    assert "login_required" in response.text


def test_a_window_message_goes_to_a_listed_web_origin_only(connected: ConnectedTenant) -> None:
    asked = {"response_mode": "web_message", "prompt": "none"}
    with Browser() as browser:
        browser.sign_in(connected)
        unlisted = authorize(connected, browser, **asked).text
        connected.tenant.clients["app"]["web_origins"] = ["https://app.example.com"]
        listed = authorize(connected, browser, **asked).text

    assert "postMessage" not in unlisted
    message = json.loads(listed.partition("postMessage(")[2].partition(', "https://app.example.com")')[0])
    assert message["type"] == "authorization_response"
    assert message["response"].keys() == {"code", "state"}


@pytest.mark.parametrize(
    ("asked", "grants", "error"),
    [
        ({"response_type": "id_token", "nonce": ""}, ["implicit"], "invalid_request"),
        ({"response_type": "id_token"}, ["authorization_code"], "unauthorized_client"),
        ({"response_type": "code"}, ["implicit"], "unauthorized_client"),
    ],
)
def test_a_type_needs_its_grant_and_an_id_token_a_nonce(
    connected: ConnectedTenant, asked: dict[str, str], grants: list[str], error: str
) -> None:
    connected.tenant.clients["app"]["grant_types"] = grants
    with Browser() as browser:
        response = authorize(connected, browser, response_mode="query", **asked)

    assert redirect_parameters(response)["error"] == error


def test_a_session_that_is_too_old_is_not_used(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        browser.sign_in(connected)
        young = authorize(connected, browser, max_age="60", prompt="none")
        connected.tenant.advance_clock(61)
        old = authorize(connected, browser, max_age="60", prompt="none")

    assert "code" in redirect_parameters(young)
    assert redirect_parameters(old)["error"] == "login_required"


@pytest.mark.parametrize(("asked", "told"), [({"max_age": "60"}, True), ({"prompt": "login"}, True), ({}, False)])
def test_the_time_of_the_sign_in_is_told_where_it_matters(
    connected: ConnectedTenant, asked: dict[str, str], *, told: bool
) -> None:
    answer = fragment(final_response(connected, response_type="id_token", **asked))

    assert ("auth_time" in claims(connected, answer["id_token"])) is told


def test_consent_is_asked_where_the_application_wants_it(connected: ConnectedTenant) -> None:
    response = final_response(connected, prompt="consent")

    assert response.headers["location"].startswith("/u/consent?")


def test_another_account_can_be_selected(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        browser.sign_in(connected)
        response = authorize(connected, browser, prompt="select_account")

    assert "/v2/auth/authorize/" in response.headers["location"]
