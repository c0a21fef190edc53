"""Edge cases of a sign-in: half-made connections, odd scripts, sessions of another connection."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulators.kit.serving import serving
from tests.support.auth0.browser import Browser, authorization_request, exchange, redirect_parameters
from tests.unit.emulators.auth0.conftest import ConnectedTenant


def with_script(connected: ConnectedTenant, script: str) -> dict[str, str]:
    """Sign in with another profile script, and return what the application's callback is given."""
    connected.options["scripts"] = {"fetchUserProfile": script}
    with Browser() as browser:
        return browser.sign_in(connected)


def add_connection(connected: ConnectedTenant, name: str, *clients: str) -> dict[str, Any]:
    """Add a second connection, enabled for ``clients``."""
    first = connected.tenant.connections["con_0000000000000001"]
    connection = {**first, "id": "con_0000000000000002", "name": name, "authentication": {"active": True}}
    connected.tenant.connections["con_0000000000000002"] = connection
    connected.tenant.enabled["con_0000000000000002"] = list(clients)
    return connection


@pytest.mark.parametrize("missing", ["client_id", "authorizationURL"])
def test_a_connection_without_a_provider_is_refused_at_once(connected: ConnectedTenant, missing: str) -> None:
    del connected.options[missing]

    answer = redirect_parameters(httpx2.get(f"{connected.origin}/authorize", params=authorization_request()))

    assert answer["error"] == "invalid_request"
    assert missing in answer["error_description"]


@pytest.mark.parametrize("token_url", [None, "https://[half/proxy/token", "tiktok"])
def test_a_token_url_that_is_none_is_a_failed_token_request(connected: ConnectedTenant, token_url: str | None) -> None:
    if token_url is None:
        del connected.options["tokenURL"]
    else:
        connected.options["tokenURL"] = token_url
    with Browser() as browser:
        answer = browser.sign_in(connected)

    assert answer["error_description"] == "Failed to obtain access token"


@pytest.mark.parametrize(
    "script",
    [
        "function (token, ctx, cb) { process.stdout.write('noise'); cb(null, {user_id: 'x'}); }",
        "function (token, ctx, cb) { console.log('noise'.repeat(100000)); cb(null, {user_id: 'x'}); }",
    ],
)
def test_what_a_script_prints_does_not_spoil_its_profile(connected: ConnectedTenant, script: str) -> None:
    assert "code" in with_script(connected, script)


@pytest.mark.parametrize("profile", ["'text'", "[1]", "7", "undefined"])
def test_a_profile_that_is_no_object_is_refused(connected: ConnectedTenant, profile: str) -> None:
    answer = with_script(connected, f"function (token, ctx, cb) {{ cb(null, {profile}); }}")

    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize(
    "act", ["require('fs').writeFileSync('/tmp/written', 'x')", "require('child_process').execSync('true')"]
)
def test_a_script_writes_no_file_and_starts_no_process(connected: ConnectedTenant, act: str) -> None:
    answer = with_script(connected, f"function (token, ctx, cb) {{ {act}; cb(null, {{user_id: 'x'}}); }}")

    assert answer["error_description"].startswith("Access to this API has been restricted")


def test_a_profile_cannot_overwrite_what_auth0_keeps_itself(connected: ConnectedTenant) -> None:
    with_script(
        connected, "function (token, ctx, cb) { cb(null, {user_id: 'x', logins_count: 90, created_at: 'never'}); }"
    )
    (user,) = connected.tenant.users.values()

    assert user["logins_count"] == 1
    assert user["created_at"] != "never"


def test_a_session_of_a_connection_that_the_application_does_not_offer_is_not_used(connected: ConnectedTenant) -> None:
    connected.tenant.add_application("other", "other-secret", "https://other.example.com/callback")
    add_connection(connected, "another", "other")
    asked = authorization_request(client_id="other", redirect_uri="https://other.example.com/callback", prompt="none")
    del asked["connection"]
    with Browser() as browser:
        browser.sign_in(connected)
        answer = redirect_parameters(browser.get(f"{connected.origin}/authorize", params=asked))

    assert answer["error"] == "login_required"


def test_a_disabled_connection_is_not_offered(connected: ConnectedTenant) -> None:
    add_connection(connected, "disabled", "app")["authentication"]["active"] = False
    asked = authorization_request()
    del asked["connection"]

    shown = httpx2.get(f"{connected.origin}/authorize", params=asked).text

    assert "Continue with tiktok" in shown
    assert "disabled" not in shown


def test_tokens_end_with_their_user(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        code = browser.sign_in(connected)["code"]
        tokens = exchange(
            connected, browser.sign_in(connected, scope="openid offline_access", prompt="login")["code"]
        ).json()
    connected.tenant.users.clear()
    renewal = {"grant_type": "refresh_token", "code": "", "refresh_token": tokens["refresh_token"]}

    assert exchange(connected, code).json()["error"] == "invalid_grant"
    assert exchange(connected, **renewal).json()["error"] == "invalid_grant"


def test_a_code_needs_the_redirect_uri_that_it_was_asked_with(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        code = browser.sign_in(connected)["code"]

    assert exchange(connected, code, redirect_uri="").status_code == 403


def test_a_repeated_parameter_stays_on_auth0s_own_page(connected: ConnectedTenant) -> None:
    address = f"{connected.origin}/authorize?{urlencode([*authorization_request().items(), ('state', 'another')])}"

    assert httpx2.get(address).status_code == 400


@pytest.mark.parametrize(("spec", "joined"), [(False, "user.info.basic,a,b"), (True, "user.info.basic a b")])
def test_scopes_of_the_application_are_joined_as_the_connection_says(
    connected: ConnectedTenant,
    spec: bool,  # noqa: FBT001  # a parametrised value
    joined: str,
) -> None:
    connected.options["useOauthSpecScope"] = spec
    with Browser() as browser:
        address = browser.go_to_tiktok(connected, connection_scope="a,b")

    assert dict(parse_qsl(urlsplit(address).query))["scope"] == joined


@pytest.mark.parametrize(
    "unsupported",
    ["request", "organization", "invitation", "screen_hint", "acr_values", "prompt", "dpop_jkt"],
)
def test_what_is_not_emulated_is_said_and_not_ignored(connected: ConnectedTenant, unsupported: str) -> None:
    response = httpx2.get(f"{connected.origin}/authorize", params=authorization_request(**{unsupported: "x"}))

    assert response.status_code == 501
    assert unsupported in response.json()["message"]


def test_the_token_request_carries_nodes_headers_and_the_connections_own(connected: ConnectedTenant) -> None:
    heard: dict[str, str] = {}

    async def token(request: Request) -> JSONResponse:
        heard.update(request.headers)
        return JSONResponse({"access_token": "t"})

    connected.options["customHeaders"] = {"X-Team": "login"}
    connected.options["scripts"] = {"fetchUserProfile": "function (token, ctx, cb) { cb(null, {user_id: 'x'}); }"}
    with serving(Starlette(routes=[Route("/token", token, methods=["POST"])])) as origin, Browser() as browser:
        connected.options["tokenURL"] = f"{origin}/token"
        browser.sign_in(connected)

    assert heard.keys() == {"host", "user-agent", "content-type", "content-length", "x-team"}
    assert heard["user-agent"] == "Node-oauth"
    assert heard["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", [301, 302])
def test_a_redirect_with_a_token_counts_and_is_not_followed(connected: ConnectedTenant, status: int) -> None:
    async def token(_request: Request) -> JSONResponse:
        return JSONResponse({"access_token": "t"}, status, headers={"location": "http://127.0.0.1:9/"})

    connected.options["scripts"] = {"fetchUserProfile": "function (token, ctx, cb) { cb(null, {user_id: 'x'}); }"}
    with serving(Starlette(routes=[Route("/token", token, methods=["POST"])])) as origin, Browser() as browser:
        connected.options["tokenURL"] = f"{origin}/token"

        assert "code" in browser.sign_in(connected)
