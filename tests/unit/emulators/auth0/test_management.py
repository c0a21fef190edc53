"""The Management API: calls, scopes, refusals and limits, in Auth0's own words."""

import time

import httpx2
import pytest

from tests.support.auth0.browser import Browser
from tests.support.auth0.management import BODY, CONNECTION, DEPLOYER_SCOPES, Caller
from tests.unit.emulators.auth0.conftest import World


def test_a_token_is_given_by_basic_and_by_form_and_says_its_scopes(world: World) -> None:
    caller = Caller(world, "read:clients read:connections")
    by_form = caller.request_token(form={"client_id": "deployer", "client_secret": "deployer-secret"}).json()

    assert by_form["scope"] == "read:clients read:connections"
    assert (by_form["token_type"], by_form["expires_in"]) == ("Bearer", 86400)
    assert caller.request_token(auth=("deployer", "wrong")).status_code == 401
    assert caller.request_token(auth=("app", "app-secret")).status_code == 403


def test_a_token_expires(world: World) -> None:
    caller = Caller(world)
    world.tenant.advance_clock(86401)

    assert caller.refusal("GET", CONNECTION) == (401, "invalid_token", "Invalid token")


def test_a_connection_is_created_read_and_deleted(world: World) -> None:
    caller = Caller(world)
    created = caller.ask("POST", "/connections", BODY)
    path = f"/connections/{created.json()['id']}"

    assert created.status_code == 201
    assert created.json().items() >= {**BODY, "is_domain_connection": False, "realms": ["another"]}.items()
    assert "display_name" not in created.json()
    assert caller.ask("GET", path).json() == created.json()
    assert caller.ask("DELETE", path).status_code == 202
    assert caller.refusal("GET", path) == (404, "inexistent_connection", "The connection does not exist")


def test_an_update_replaces_the_options_whole(world: World) -> None:
    options = {"client_id": "awkey"}

    assert Caller(world).ask("PATCH", CONNECTION, {"options": options}).json()["options"] == options


def test_a_display_name_that_is_left_out_of_an_update_is_reset(world: World) -> None:
    world.tenant.connections["con_0000000000000001"]["display_name"] = "TikTok"

    assert Caller(world).ask("PATCH", CONNECTION, {"options": {}}).json()["display_name"] == "tiktok"


def test_applications_are_enabled_one_by_one(world: World) -> None:
    world.tenant.add_application("other", "other-secret")
    caller = Caller(world)
    enabled: list[list[str]] = []
    for change in ({"client_id": "other", "status": True}, {"client_id": "app", "status": False}):
        assert caller.ask("PATCH", f"{CONNECTION}/clients", [change]).status_code == 204
        clients = caller.ask("GET", f"{CONNECTION}/clients").json()["clients"]
        enabled.append([client["client_id"] for client in clients])

    assert enabled == [["app", "other"], ["other"]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "-tiktok"}, "String does not match pattern"),
        ({"name": "tiktok--dev"}, "String does not match pattern"),
        ({"name": "t" * 129}, "String is too long (129 chars), maximum 128"),
        ({"display_name": "T" * 129}, "String is too long (129 chars), maximum 128"),
        ({"strategy": "no-such-strategy"}, "No enum match for: no-such-strategy"),
        ({"surprise": 1}, "Additional properties not allowed: surprise"),
        ({"options": "none"}, "Expected type object but found type string"),
    ],
)
def test_a_body_that_auth0_does_not_take_is_refused_in_its_words(
    world: World, change: dict[str, object], said: str
) -> None:
    status, code, message = Caller(world).refusal("POST", "/connections", {**BODY, **change})

    assert (status, code) == (400, "invalid_body")
    assert message.startswith(f"Payload validation error: '{said}")


def test_a_name_that_is_taken_is_a_conflict(world: World) -> None:
    assert Caller(world).refusal("POST", "/connections", {**BODY, "name": "tiktok"}) == (
        409,
        "connection_conflict",
        "A connection with the same name already exists",
    )


def test_ids_that_cannot_be_are_told_from_ids_that_are_not(world: World) -> None:
    caller = Caller(world)

    assert caller.refusal("GET", "/connections/nonsense")[:2] == (400, "invalid_uri")
    assert caller.refusal("GET", "/clients/unknown") == (404, "inexistent_client", "The client does not exist")


def test_lists_have_pages_of_both_kinds(world: World) -> None:
    caller = Caller(world)
    caller.ask("POST", "/connections", BODY)
    first = caller.ask("GET", "/connections?include_totals=true&per_page=50&take=1").json()
    second = caller.ask("GET", f"/connections?take=1&from={first['next']}").json()
    clients = caller.ask("GET", "/clients?include_totals=true&page=1&per_page=1").json()

    assert [each["name"] for page in (first, second) for each in page["connections"]] == ["tiktok", "another"]
    assert "next" not in second
    assert (clients["start"], clients["limit"], clients["length"], clients["total"]) == (1, 1, 1, 2)


def test_chosen_fields_come_with_what_is_always_there(world: World) -> None:
    answer = Caller(world).ask("GET", f"{CONNECTION}?fields=strategy%2Cname&include_fields=true").json()

    always = {"id", "is_domain_connection", "authentication", "connected_accounts"}
    assert answer.keys() == {"strategy", "name", *always}


def test_a_used_up_limit_answers_429_with_the_time_of_its_end(world: World) -> None:
    caller = Caller(world)
    world.tenant.queue_error("GET", "/api/v2/connections/*", 429, error_code="too_many_requests", reset_in=2)
    response = caller.ask("GET", CONNECTION)

    assert response.status_code == 429
    assert 0 < int(response.headers["x-ratelimit-reset"]) - time.time() <= 3


def test_a_failure_after_the_work_was_done_leaves_it_done(world: World) -> None:
    caller = Caller(world)
    world.tenant.queue_fault("POST", "/api/v2/connections", 502)

    assert caller.ask("POST", "/connections", BODY).status_code == 502
    assert caller.refusal("POST", "/connections", BODY)[0] == 409


def test_applications_and_settings_can_be_changed(world: World) -> None:
    caller = Caller(
        world, "create:clients read:clients update:clients delete:clients read:tenant_settings update:tenant_settings"
    )
    created = caller.ask("POST", "/clients", {"name": "Shop", "app_type": "regular_web"}).json()
    path = f"/clients/{created['client_id']}"

    assert caller.ask("PATCH", path, {"name": "Store"}).json()["name"] == "Store"
    assert caller.ask("DELETE", path).status_code == 204
    assert caller.ask("PATCH", "/tenants/settings", {"friendly_name": "Shop"}).json()["friendly_name"] == "Shop"
    assert caller.ask("GET", "/tenants/settings").json()["sandbox_version"] == "22"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"oidc_conformant": False, "token_endpoint_auth_method": None}),
        ({"app_type": "spa"}, {"token_endpoint_auth_method": "none"}),
        ({"app_type": "regular_web", "token_endpoint_auth_method": "client_secret_post"}, {"oidc_conformant": False}),
        ({"is_first_party": False}, {"oidc_conformant": True}),
    ],
)
def test_an_application_made_by_the_api_has_the_recorded_defaults(
    world: World, body: dict[str, object], expected: dict[str, object]
) -> None:
    created = Caller(world, "create:clients").ask("POST", "/clients", {"name": "Shop", **body}).json()

    assert {name: created.get(name) for name in expected} == expected
    assert ("client_credentials" in created["grant_types"]) is (
        body.get("app_type") != "spa" and "is_first_party" not in body
    )
    assert created["refresh_token"]["leeway"] == 0
    assert "callbacks" not in created


def test_users_and_the_log_tell_of_a_sign_in(world: World) -> None:
    with Browser() as browser:
        browser.sign_in(world)
    caller = Caller(world, "read:users read:logs")
    (user,) = caller.ask("GET", "/users").json()
    events = caller.ask("GET", "/logs?per_page=5").json()

    assert "access_token" not in user["identities"][0]
    assert [event["type"] for event in events if event["type"] == "s"] == ["s"]
    assert caller.ask("GET", f"/users/{user['user_id'].replace('|', '%7C')}").json() == user


def test_a_deleted_connection_takes_its_users_and_its_name_with_it(world: World) -> None:
    with Browser() as browser:
        browser.sign_in(world)
    world.tenant.users["oauth2|another|1"] = {
        "user_id": "oauth2|another|1",
        "identities": [{"connection": "another"}],
    }
    caller = Caller(world)

    assert caller.ask("DELETE", CONNECTION).status_code == 202
    assert list(world.tenant.users) == ["oauth2|another|1"]
    assert caller.ask("POST", "/connections", {**BODY, "name": "tiktok"}).status_code == 201


def test_applications_are_filtered_by_type_and_kind(world: World) -> None:
    world.tenant.add_application("spa", "spa-secret", app_type="spa", is_first_party=False)
    caller = Caller(world)

    def listed(query: str) -> list[str]:
        return [client["client_id"] for client in caller.ask("GET", f"/clients?{query}").json()]

    assert listed("app_type=spa,native") == ["spa"]
    assert listed("is_first_party=true") == ["app", "deployer"]
    assert listed("is_global=true") == []


@pytest.mark.parametrize(
    ("call", "named"),
    [
        ("GET /clients?q=client_grant.organization_id:org_1", "the parameter q"),
        ("GET /users?q=name:Ada", "the parameter q"),
        ("GET /logs?q=type:f", "the parameter q"),
        ("GET /logs?sort=type:1", "the order type:1"),
        ("POST /connections", "the strategy auth0"),
    ],
)
def test_what_auth0_documents_and_the_emulator_lacks_is_501(world: World, call: str, named: str) -> None:
    method, _, path = call.partition(" ")
    body = {"name": "Users", "strategy": "auth0"} if method == "POST" else None
    status, code, message = Caller(world, f"{DEPLOYER_SCOPES} read:users read:logs").refusal(method, path, body)

    assert (status, code) == (501, "not_emulated")
    assert named in message


def test_grants_that_are_not_emulated_are_named(world: World) -> None:
    form = {"grant_type": "password", "client_id": "app", "username": "ada"}
    response = httpx2.post(f"{world.origin}/oauth/token", data=form)

    assert response.status_code == 501
    assert "grant_type=password" in response.json()["message"]


def test_what_is_not_emulated_says_so(world: World) -> None:
    response = httpx2.get(f"{world.origin}/api/v2/actions/actions")

    assert response.status_code == 501
    assert response.json()["message"] == "The emulated Auth0 does not know GET /api/v2/actions/actions"
