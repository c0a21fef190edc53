"""Each assumption about undocumented behaviour can be changed, and has the effect that it describes."""

from dataclasses import fields
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulators.auth0.assumptions import Assumptions
from emulators.kit.serving import serving
from tests.support.auth0.browser import Browser, authorization_request, exchange, redirect_parameters
from tests.support.auth0.management import BODY, CONNECTION, Caller
from tests.unit.emulators.auth0.conftest import ConnectedTenant

LOOPBACK = "http://localhost:3000/callback"


def scope_at_tiktok(connected: ConnectedTenant) -> str:
    with Browser() as browser:
        return dict(parse_qsl(urlsplit(browser.go_to_tiktok(connected)).query))["scope"]


def sign_in(connected: ConnectedTenant, **more: str) -> dict[str, str]:
    with Browser() as browser:
        return browser.sign_in(connected, **more)


def sign_in_with(connected: ConnectedTenant, script: str) -> dict[str, str]:
    connected.options["scripts"] = {"fetchUserProfile": script}
    return sign_in(connected)


def test_deletion_seconds(connected: ConnectedTenant) -> None:
    sign_in(connected)
    connected.tenant.assumptions.deletion_seconds = 60
    caller = Caller(connected)
    again = {**BODY, "name": "tiktok"}

    assert caller.ask("DELETE", CONNECTION).status_code == 202
    assert caller.ask("GET", CONNECTION).status_code == 200
    assert caller.refusal("POST", "/connections", again)[1] == "connection_conflict"
    assert connected.tenant.users

    connected.tenant.advance_clock(61)
    assert caller.ask("GET", CONNECTION).status_code == 404
    assert connected.tenant.users == {}
    assert caller.ask("POST", "/connections", again).status_code == 201


def test_enabled_clients_read(connected: ConnectedTenant) -> None:
    caller = Caller(connected, "read:connections")
    assert caller.ask("GET", f"{CONNECTION}/clients").status_code == 200
    connected.tenant.assumptions.enabled_clients_read = ("read:clients",)
    assert caller.ask("GET", f"{CONNECTION}/clients").status_code == 403


def test_enabled_clients_update(connected: ConnectedTenant) -> None:
    caller, change = Caller(connected, "update:connections"), [{"client_id": "app", "status": True}]
    assert caller.ask("PATCH", f"{CONNECTION}/clients", change).status_code == 204
    connected.tenant.assumptions.enabled_clients_update = ("update:clients",)
    assert caller.ask("PATCH", f"{CONNECTION}/clients", change).status_code == 403


def test_scope_joiner(connected: ConnectedTenant) -> None:
    connected.options["scope"] = ["a", "b"]
    assert scope_at_tiktok(connected) == "a b"
    connected.tenant.assumptions.scope_joiner = ","
    assert scope_at_tiktok(connected) == "a,b"


def test_upstream_params_win(connected: ConnectedTenant) -> None:
    connected.options["upstream_params"] |= {"scope": {"value": "other"}}
    assert scope_at_tiktok(connected) == "other"
    connected.tenant.assumptions.upstream_params_win = False
    assert scope_at_tiktok(connected) == "user.info.basic"


def test_upstream_seconds(connected: ConnectedTenant) -> None:
    async def token(request: Request) -> JSONResponse:
        await request.body()
        while not await request.is_disconnected():
            pass
        return JSONResponse({"access_token": "too-late"})

    connected.tenant.assumptions.upstream_seconds = 0.3
    with serving(Starlette(routes=[Route("/token", token, methods=["POST"])])) as origin:
        connected.options["tokenURL"] = f"{origin}/token"
        assert sign_in(connected)["error_description"] == "Failed to obtain access token"


def test_token_failure_error(connected: ConnectedTenant) -> None:
    connected.options["tokenURL"] = "http://127.0.0.1:9/proxy/token"
    assert sign_in(connected)["error"] == "invalid_request"
    connected.tenant.assumptions.token_failure_error = "server_error"
    assert sign_in(connected)["error"] == "server_error"


def test_token_failure_description(connected: ConnectedTenant) -> None:
    connected.options["tokenURL"] = "http://127.0.0.1:9/proxy/token"
    connected.tenant.assumptions.token_failure_description = "failed to obtain access token"
    assert sign_in(connected)["error_description"] == "failed to obtain access token"


def test_script_failure_error(connected: ConnectedTenant) -> None:
    connected.tenant.assumptions.script_failure_error = "access_denied"
    assert sign_in_with(connected, "function (token, ctx, cb) { cb('No') }")["error"] == "access_denied"


def test_script_is_returned(connected: ConnectedTenant) -> None:
    script = "// A comment first\nfunction fetchUserProfile(token, ctx, cb) { cb(null, {user_id: 'x'}); }"
    assert "is not a function" in sign_in_with(connected, script)["error_description"]
    connected.tenant.assumptions.script_is_returned = False
    assert "code" in sign_in_with(connected, script)


def test_script_seconds(connected: ConnectedTenant) -> None:
    assert connected.tenant.assumptions.script_seconds == 20
    connected.tenant.assumptions.script_seconds = 0.5
    answer = sign_in_with(connected, "function (token, ctx, cb) { for (;;) {} }")
    assert answer["error_description"] == "Script execution exceeded 0.5 seconds"


def test_generates_profile_without_email(connected: ConnectedTenant) -> None:
    script = "function (token, ctx, cb) { cb(null, {user_id: 'abc'}); }"
    sign_in_with(connected, script)
    user = connected.tenant.users.pop("oauth2|tiktok|abc")
    assert (user["name"], user["nickname"]) == ("abc", "abc")
    assert user["picture"].startswith("https://s.gravatar.com/avatar/")

    connected.tenant.assumptions.generates_profile_without_email = False
    sign_in_with(connected, script)
    assert connected.tenant.users["oauth2|tiktok|abc"].keys().isdisjoint({"name", "nickname", "picture"})


def test_provider_pages_confirm(connected: ConnectedTenant) -> None:
    connected.tenant.clients["app"]["callbacks"].append(LOOPBACK)
    with Browser() as browser:
        first = browser.get(browser.allow(browser.go_to_tiktok(connected, redirect_uri=LOOPBACK)))
    connected.tenant.assumptions.provider_pages_confirm = True

    assert first.headers["location"].startswith("/u/consent?")
    assert "code" in sign_in(connected, redirect_uri=LOOPBACK)


def test_unconfirmed_error(connected: ConnectedTenant) -> None:
    connected.tenant.clients["app"]["callbacks"].append(LOOPBACK)
    asked = authorization_request(redirect_uri=LOOPBACK, prompt="none")
    errors: list[str] = []
    with Browser() as browser:
        browser.sign_in(connected)
        for error in ("consent_required", "interaction_required"):
            connected.tenant.assumptions.unconfirmed_error = error
            errors.append(redirect_parameters(browser.get(f"{connected.origin}/authorize", params=asked))["error"])

    assert errors == ["consent_required", "interaction_required"]
    assert Assumptions().unconfirmed_error == "consent_required"


def test_root_slash_matters(connected: ConnectedTenant) -> None:
    connected.tenant.clients["app"]["allowed_logout_urls"] = ["https://app.example.com/"]
    asked = {"client_id": "app", "returnTo": "https://app.example.com"}
    statuses: list[int] = []
    for matters in (True, False):
        connected.tenant.assumptions.root_slash_matters = matters
        statuses.append(httpx2.get(f"{connected.origin}/v2/logout", params=asked).status_code)

    assert statuses == [400, 302]


def test_code_seconds(connected: ConnectedTenant) -> None:
    connected.tenant.assumptions.code_seconds = 60
    statuses: list[int] = []
    for seconds in (0, 61):
        code = sign_in(connected)["code"]
        connected.tenant.advance_clock(seconds)
        statuses.append(exchange(connected, code).status_code)

    assert statuses == [200, 403]


@pytest.mark.parametrize("name", [field.name for field in fields(Assumptions)])
def test_each_assumption_has_a_test_of_its_name(name: str) -> None:
    assert callable(globals().get(f"test_{name}"))
