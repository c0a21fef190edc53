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
from tests.unit.emulators.auth0.conftest import World

LOOPBACK = "http://localhost:3000/callback"


def scope_at_tiktok(world: World) -> str:
    with Browser() as browser:
        return dict(parse_qsl(urlsplit(browser.go_to_tiktok(world)).query))["scope"]


def sign_in(world: World, **more: str) -> dict[str, str]:
    with Browser() as browser:
        return browser.sign_in(world, **more)


def sign_in_with(world: World, script: str) -> dict[str, str]:
    world.options["scripts"] = {"fetchUserProfile": script}
    return sign_in(world)


def test_deletion_seconds(world: World) -> None:
    sign_in(world)
    world.tenant.assumptions.deletion_seconds = 60
    caller = Caller(world)
    again = {**BODY, "name": "tiktok"}

    assert caller.ask("DELETE", CONNECTION).status_code == 202
    assert caller.ask("GET", CONNECTION).status_code == 200
    assert caller.refusal("POST", "/connections", again)[1] == "connection_conflict"
    assert world.tenant.users

    world.tenant.advance_clock(61)
    assert caller.ask("GET", CONNECTION).status_code == 404
    assert world.tenant.users == {}
    assert caller.ask("POST", "/connections", again).status_code == 201


def test_enabled_clients_read(world: World) -> None:
    caller = Caller(world, "read:connections")
    assert caller.ask("GET", f"{CONNECTION}/clients").status_code == 200
    world.tenant.assumptions.enabled_clients_read = ("read:clients",)
    assert caller.ask("GET", f"{CONNECTION}/clients").status_code == 403


def test_enabled_clients_update(world: World) -> None:
    caller, change = Caller(world, "update:connections"), [{"client_id": "app", "status": True}]
    assert caller.ask("PATCH", f"{CONNECTION}/clients", change).status_code == 204
    world.tenant.assumptions.enabled_clients_update = ("update:clients",)
    assert caller.ask("PATCH", f"{CONNECTION}/clients", change).status_code == 403


def test_scope_joiner(world: World) -> None:
    world.options["scope"] = ["a", "b"]
    assert scope_at_tiktok(world) == "a b"
    world.tenant.assumptions.scope_joiner = ","
    assert scope_at_tiktok(world) == "a,b"


def test_upstream_params_win(world: World) -> None:
    world.options["upstream_params"] |= {"scope": {"value": "other"}}
    assert scope_at_tiktok(world) == "other"
    world.tenant.assumptions.upstream_params_win = False
    assert scope_at_tiktok(world) == "user.info.basic"


def test_upstream_seconds(world: World) -> None:
    async def token(request: Request) -> JSONResponse:
        await request.body()
        while not await request.is_disconnected():
            pass
        return JSONResponse({"access_token": "too-late"})

    world.tenant.assumptions.upstream_seconds = 0.3
    with serving(Starlette(routes=[Route("/token", token, methods=["POST"])])) as origin:
        world.options["tokenURL"] = f"{origin}/token"
        assert sign_in(world)["error_description"] == "Failed to obtain access token"


def test_token_failure_error(world: World) -> None:
    world.options["tokenURL"] = "http://127.0.0.1:9/proxy/token"
    assert sign_in(world)["error"] == "invalid_request"
    world.tenant.assumptions.token_failure_error = "server_error"
    assert sign_in(world)["error"] == "server_error"


def test_token_failure_description(world: World) -> None:
    world.options["tokenURL"] = "http://127.0.0.1:9/proxy/token"
    world.tenant.assumptions.token_failure_description = "failed to obtain access token"
    assert sign_in(world)["error_description"] == "failed to obtain access token"


def test_script_failure_error(world: World) -> None:
    world.tenant.assumptions.script_failure_error = "access_denied"
    assert sign_in_with(world, "function (token, ctx, cb) { cb('No') }")["error"] == "access_denied"


def test_script_is_returned(world: World) -> None:
    script = "// A comment first\nfunction fetchUserProfile(token, ctx, cb) { cb(null, {user_id: 'x'}); }"
    assert "is not a function" in sign_in_with(world, script)["error_description"]
    world.tenant.assumptions.script_is_returned = False
    assert "code" in sign_in_with(world, script)


def test_script_seconds(world: World) -> None:
    assert world.tenant.assumptions.script_seconds == 20
    world.tenant.assumptions.script_seconds = 0.5
    answer = sign_in_with(world, "function (token, ctx, cb) { for (;;) {} }")
    assert answer["error_description"] == "Script execution exceeded 0.5 seconds"


def test_generates_profile_without_email(world: World) -> None:
    script = "function (token, ctx, cb) { cb(null, {user_id: 'abc'}); }"
    sign_in_with(world, script)
    user = world.tenant.users.pop("oauth2|tiktok|abc")
    assert (user["name"], user["nickname"]) == ("abc", "abc")
    assert user["picture"].startswith("https://s.gravatar.com/avatar/")

    world.tenant.assumptions.generates_profile_without_email = False
    sign_in_with(world, script)
    assert world.tenant.users["oauth2|tiktok|abc"].keys().isdisjoint({"name", "nickname", "picture"})


def test_provider_pages_confirm(world: World) -> None:
    world.tenant.clients["app"]["callbacks"].append(LOOPBACK)
    with Browser() as browser:
        first = browser.get(browser.allow(browser.go_to_tiktok(world, redirect_uri=LOOPBACK)))
    world.tenant.assumptions.provider_pages_confirm = True

    assert first.headers["location"].startswith("/u/consent?")
    assert "code" in sign_in(world, redirect_uri=LOOPBACK)


def test_unconfirmed_error(world: World) -> None:
    world.tenant.clients["app"]["callbacks"].append(LOOPBACK)
    asked = authorization_request(redirect_uri=LOOPBACK, prompt="none")
    errors: list[str] = []
    with Browser() as browser:
        browser.sign_in(world)
        for error in ("consent_required", "interaction_required"):
            world.tenant.assumptions.unconfirmed_error = error
            errors.append(redirect_parameters(browser.get(f"{world.origin}/authorize", params=asked))["error"])

    assert errors == ["consent_required", "interaction_required"]
    assert Assumptions().unconfirmed_error == "consent_required"


def test_root_slash_matters(world: World) -> None:
    world.tenant.clients["app"]["allowed_logout_urls"] = ["https://app.example.com/"]
    asked = {"client_id": "app", "returnTo": "https://app.example.com"}
    statuses: list[int] = []
    for matters in (True, False):
        world.tenant.assumptions.root_slash_matters = matters
        statuses.append(httpx2.get(f"{world.origin}/v2/logout", params=asked).status_code)

    assert statuses == [400, 302]


def test_code_seconds(world: World) -> None:
    world.tenant.assumptions.code_seconds = 60
    statuses: list[int] = []
    for seconds in (0, 61):
        code = sign_in(world)["code"]
        world.tenant.advance_clock(seconds)
        statuses.append(exchange(world, code).status_code)

    assert statuses == [200, 403]


@pytest.mark.parametrize("name", [field.name for field in fields(Assumptions)])
def test_each_assumption_has_a_test_of_its_name(name: str) -> None:
    assert callable(globals().get(f"test_{name}"))
