"""The Management API: calls, scopes, refusals and limits, in Auth0's own words."""

import time

import httpx2
import pytest

from tests.support.auth0.browser import Browser
from tests.support.auth0.management import BODY, CONNECTION, DEPLOYER_SCOPES, Caller
from tests.unit.emulators.auth0.conftest import ConnectedTenant


def test_a_token_is_given_by_basic_and_by_form_and_says_its_scopes(connected: ConnectedTenant) -> None:
    caller = Caller(connected, "read:clients read:connections")
    by_form = caller.request_token(form={"client_id": "deployer", "client_secret": "deployer-secret"}).json()

    assert by_form["scope"] == "read:clients read:connections"
    assert (by_form["token_type"], by_form["expires_in"]) == ("Bearer", 86400)
    assert caller.request_token(auth=("deployer", "wrong")).status_code == 401
    assert caller.request_token(auth=("app", "app-secret")).status_code == 403


def test_a_token_expires(connected: ConnectedTenant) -> None:
    caller = Caller(connected)
    connected.tenant.advance_clock(86401)

    assert caller.refusal("GET", CONNECTION) == (401, "invalid_token", "Invalid token")


def test_ids_that_cannot_be_are_told_from_ids_that_are_not(connected: ConnectedTenant) -> None:
    caller = Caller(connected)

    assert caller.refusal("GET", "/connections/nonsense")[:2] == (400, "invalid_uri")
    assert caller.refusal("GET", "/clients/unknown") == (404, "inexistent_client", "The client does not exist")


def test_lists_have_pages_of_both_kinds(connected: ConnectedTenant) -> None:
    caller = Caller(connected)
    caller.ask("POST", "/connections", BODY)
    first = caller.ask("GET", "/connections?include_totals=true&per_page=50&take=1").json()
    second = caller.ask("GET", f"/connections?take=1&from={first['next']}").json()
    clients = caller.ask("GET", "/clients?include_totals=true&page=1&per_page=1").json()

    assert [each["name"] for page in (first, second) for each in page["connections"]] == ["tiktok", "another"]
    assert "next" not in second
    assert (clients["start"], clients["limit"], clients["length"], clients["total"]) == (1, 1, 1, 2)


def test_chosen_fields_come_with_what_is_always_there(connected: ConnectedTenant) -> None:
    answer = Caller(connected).ask("GET", f"{CONNECTION}?fields=strategy%2Cname&include_fields=true").json()

    always = {"id", "is_domain_connection", "authentication", "connected_accounts"}
    assert answer.keys() == {"strategy", "name", *always}


def test_a_used_up_limit_answers_429_with_the_time_of_its_end(connected: ConnectedTenant) -> None:
    caller = Caller(connected)
    connected.tenant.queue_error("GET", "/api/v2/connections/*", 429, error_code="too_many_requests", reset_in=2)
    response = caller.ask("GET", CONNECTION)

    assert response.status_code == 429
    assert 0 < int(response.headers["x-ratelimit-reset"]) - time.time() <= 3


def test_users_and_the_log_tell_of_a_sign_in(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        browser.sign_in(connected)
    caller = Caller(connected, "read:users read:logs")
    (user,) = caller.ask("GET", "/users").json()
    events = caller.ask("GET", "/logs?per_page=5").json()

    assert "access_token" not in user["identities"][0]
    assert [event["type"] for event in events if event["type"] == "s"] == ["s"]
    assert caller.ask("GET", f"/users/{user['user_id'].replace('|', '%7C')}").json() == user


@pytest.mark.parametrize(
    ("call", "body", "named"),
    [
        ("GET /clients?q=client_grant.organization_id:org_1", None, "the parameter q"),
        ("GET /users?q=name:Ada", None, "the parameter q"),
        ("GET /logs?q=type:f", None, "the parameter q"),
        ("GET /logs?sort=type:1", None, "the order type:1"),
        (
            "POST /connections",
            {"name": "g", "strategy": "google-oauth2", "options": {"profile": True}},
            "the strategy google-oauth2",
        ),
        (
            "POST /connections",
            {"name": "u", "strategy": "auth0", "enabled_clients": []},
            "the property enabled_clients",
        ),
        ("POST /clients", {"name": "Shop", "app_type": "resource_server"}, "applications of the type resource_server"),
        ("POST /clients", {"name": "Shop", "third_party_security_mode": "strict"}, "strict security"),
        ("PATCH /clients/app", {"require_pushed_authorization_requests": True}, "the property require_pushed_"),
        ("PATCH /tenants/settings", {"default_directory": "Users"}, "the property default_directory"),
    ],
)
def test_what_auth0_documents_and_the_emulator_lacks_is_501(
    connected: ConnectedTenant, call: str, body: object, named: str
) -> None:
    method, _, path = call.partition(" ")
    more = "read:users read:logs create:clients update:clients update:tenant_settings"
    status, code, message = Caller(connected, f"{DEPLOYER_SCOPES} {more}").refusal(method, path, body)

    assert (status, code) == (501, "not_emulated")
    assert named in message


def test_grants_that_are_not_emulated_are_named(connected: ConnectedTenant) -> None:
    form = {"grant_type": "password", "client_id": "app", "username": "ada"}
    response = httpx2.post(f"{connected.origin}/oauth/token", data=form)

    assert response.status_code == 501
    assert "grant_type=password" in response.json()["message"]


def test_what_is_not_emulated_says_so(connected: ConnectedTenant) -> None:
    response = httpx2.get(f"{connected.origin}/api/v2/actions/actions")

    assert response.status_code == 501
    assert response.json()["message"] == "The emulated Auth0 does not know GET /api/v2/actions/actions"
