"""A failure reaches the application in Auth0's words, and the tenant's log with the cause."""

import html
from urllib.parse import urlencode

import httpx2
import pytest

from tests.support.auth0.browser import Browser, authorization_request, redirect_parameters
from tests.unit.emulators.auth0.conftest import ConnectedTenant


def failed(connected: ConnectedTenant, **asked: str) -> tuple[str, str]:
    """Return error and description of a sign-in that goes the whole way."""
    with Browser() as browser:
        answer = browser.sign_in(connected, **asked)
    assert answer["state"] == "application-state"
    return answer["error"], answer["error_description"]


def refused(connected: ConnectedTenant, **asked: str) -> tuple[str, str]:
    """Return error and description of a sign-in that is refused at once."""
    answer = redirect_parameters(httpx2.get(f"{connected.origin}/authorize", params=authorization_request(**asked)))
    return answer["error"], answer["error_description"]


def test_a_connection_that_is_switched_off_for_the_application_is_not_found(connected: ConnectedTenant) -> None:
    connected.tenant.add_application("other", "other-secret", "https://other.example.com/callback")
    connected.tenant.connections["con_0000000000000002"] = {
        **connected.tenant.connections["con_0000000000000001"],
        "id": "con_0000000000000002",
        "name": "another",
    }
    connected.tenant.enabled["con_0000000000000002"] = ["other"]
    asked = {"client_id": "other", "redirect_uri": "https://other.example.com/callback"}

    assert refused(connected, **asked) == ("invalid_request", "the connection was not found")
    assert refused(connected, connection="unknown") == ("invalid_request", "the connection was not found")


def test_an_application_without_connections_is_told_so(connected: ConnectedTenant) -> None:
    connected.tenant.enabled["con_0000000000000001"].clear()

    assert refused(connected) == ("invalid_request", "no connections enabled for the client")


def test_a_disabled_connection_is_named_as_such(connected: ConnectedTenant) -> None:
    connected.tenant.connections["con_0000000000000001"]["authentication"]["active"] = False

    assert refused(connected) == ("invalid_request", "the connection was disabled")


@pytest.mark.parametrize(
    "wrong",
    [
        {"response_type": "device"},
        {"response_type": ""},
        {"response_mode": "pigeon"},
        {"max_age": "soon"},
        {"code_challenge_method": "plain"},
    ],
)
def test_a_request_that_auth0_does_not_take_comes_back_with_an_error(
    connected: ConnectedTenant, wrong: dict[str, str]
) -> None:
    assert refused(connected, **wrong)[0] in {"unsupported_response_type", "invalid_request"}


@pytest.mark.parametrize("wrong", [{"redirect_uri": "https://app.example.com/callback/"}, {"client_id": "unknown"}])
def test_an_unknown_callback_or_client_stays_on_auth0s_own_page(
    connected: ConnectedTenant, wrong: dict[str, str]
) -> None:
    response = httpx2.get(f"{connected.origin}/authorize", params=authorization_request(**wrong))

    assert response.status_code == 400
    assert "something went wrong" in response.text
    assert "location" not in response.headers


def test_without_a_connection_the_enabled_ones_are_offered(connected: ConnectedTenant) -> None:
    asked = authorization_request()
    del asked["connection"]
    response = httpx2.get(f"{connected.origin}/authorize", params=asked)

    assert response.status_code == 200
    assert "Continue with tiktok" in response.text
    assert "connection=tiktok" in response.text


def test_the_login_page_leads_to_the_chosen_provider(connected: ConnectedTenant) -> None:
    asked = authorization_request()
    del asked["connection"]
    with Browser() as browser:
        page = browser.get(f"{connected.origin}/authorize", params=asked).text
        chosen = html.unescape(page.partition('class="button" href="')[2].partition('"')[0])
        at_tiktok = browser.get(f"{connected.origin}{chosen}").headers["location"]
        answer = redirect_parameters(browser.get(browser.allow(at_tiktok)))

    assert "code" in answer
    assert httpx2.get(f"{connected.origin}/u/login?state=unknown&connection=tiktok").status_code == 400


def test_a_script_runs_on_the_tenants_node_or_not_at_all(connected: ConnectedTenant) -> None:
    connected.tenant.settings["sandbox_version"] = "18"
    with Browser() as browser:
        response = browser.get(browser.allow(browser.go_to_tiktok(connected)))

    assert response.status_code == 501
    assert "sandbox_version 18" in response.json()["message"]


def test_without_a_script_the_profile_is_empty(connected: ConnectedTenant) -> None:
    del connected.options["scripts"]

    assert failed(connected) == ("invalid_request", "The profile has no user_id")


def test_a_person_who_cancels_is_access_denied_in_tiktoks_words(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        answer = redirect_parameters(browser.get(browser.allow(browser.go_to_tiktok(connected), "cancel")))

    assert answer["error"] == "access_denied"
    assert [event["type"] for event in connected.tenant.log] == ["f"]


def test_another_browser_cannot_finish_a_sign_in(connected: ConnectedTenant) -> None:
    with Browser() as browser, Browser() as other:
        stolen = browser.allow(browser.go_to_tiktok(connected))
        response = other.get(stolen)

    assert response.status_code == 400
    assert connected.tenant.users == {}


def test_a_sign_in_is_finished_once(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        back = browser.allow(browser.go_to_tiktok(connected))
        statuses = [browser.get(back).status_code for _ in range(2)]

    assert statuses == [302, 400]


def test_an_unknown_state_ends_on_auth0s_own_page(connected: ConnectedTenant) -> None:
    response = httpx2.get(f"{connected.origin}/login/callback?{urlencode({'code': 'c', 'state': 'unknown'})}")

    assert response.status_code == 400


def test_a_refused_code_is_logged_with_the_proxys_reason(connected: ConnectedTenant) -> None:
    connected.options["client_secret"] = "rotated-away"

    assert failed(connected) == ("invalid_request", "Failed to obtain access token")
    (event,) = connected.tenant.log
    cause = event["details"]["error"]["cause"]["oauthError"]
    assert cause["statusCode"] == 401
    assert "invalid_client" in cause["data"]


def test_a_token_url_that_nobody_serves_is_a_failed_token_request(connected: ConnectedTenant) -> None:
    connected.options["tokenURL"] = "http://127.0.0.1:9/proxy/token"

    assert failed(connected) == ("invalid_request", "Failed to obtain access token")


def test_tiktok_down_is_a_failed_token_request(connected: ConnectedTenant) -> None:
    connected.tiktok.queue_fault("token", "html")

    assert failed(connected)[1] == "Failed to obtain access token"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("function (token, ctx, cb) { cb(new Error('No such person')); }", "No such person"),
        ("function (token, ctx, cb) { throw new Error('Thrown'); }", "Thrown"),
        ("async function (token, ctx, cb) { throw new Error('Rejected'); }", "Rejected"),
        ("function (token, ctx, cb) { cb(null, {name: 'Nobody'}); }", "The profile has no user_id"),
        ("function (token, ctx, cb) { }", "The script ended without calling back"),
        ("function (token, ctx, cb) { syntax error }", "Unexpected identifier 'error'"),
        ("function (token, ctx, cb) { cb(null, {user_id: 'x'.repeat(200000)}); }", "The profile is too large"),
        ("function (token, ctx, cb) { cb(null, {user_id: require('axios').x}); }", "Cannot find module 'axios'"),
    ],
)
def test_a_failing_profile_script_refuses_the_sign_in_with_its_message(
    connected: ConnectedTenant, script: str, said: str
) -> None:
    connected.options["scripts"] = {"fetchUserProfile": script}

    error, description = failed(connected)

    assert error == "invalid_request"
    assert description.startswith(said)


def test_a_profile_script_is_given_the_token_response_but_not_the_refresh_token(connected: ConnectedTenant) -> None:
    connected.options["scripts"] = {
        "fetchUserProfile": "function (token, ctx, cb) {"
        " console.log(Object.keys(ctx).sort().join()); cb(null, {user_id: ctx.open_id}); }"
    }
    with Browser() as browser:
        browser.sign_in(connected)

    (sign_in,) = connected.tenant.login.sign_ins
    assert sign_in.script_run
    assert sign_in.script_run.console == ("access_token,expires_in,open_id,refresh_expires_in,scope,token_type",)


def test_a_logout_goes_only_to_registered_addresses(connected: ConnectedTenant) -> None:
    response = httpx2.get(
        f"{connected.origin}/v2/logout", params={"client_id": "app", "returnTo": "http://evil.example/"}
    )

    assert response.status_code == 400
