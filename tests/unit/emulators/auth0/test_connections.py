"""Connections of the Management API, and the applications that they are enabled for."""

import pytest

from tests.support.auth0.browser import Browser, authorization_request
from tests.support.auth0.management import BODY, CONNECTION, Caller
from tests.unit.emulators.auth0.conftest import ConnectedTenant


def test_a_connection_is_created_read_and_deleted(connected: ConnectedTenant) -> None:
    caller = Caller(connected)
    created = caller.ask("POST", "/connections", BODY)
    path = f"/connections/{created.json()['id']}"

    assert created.status_code == 201
    assert created.json().items() >= {**BODY, "is_domain_connection": False, "realms": ["another"]}.items()
    assert "display_name" not in created.json()
    assert caller.ask("GET", path).json() == created.json()
    assert caller.ask("DELETE", path).status_code == 202
    assert caller.refusal("GET", path) == (404, "inexistent_connection", "The connection does not exist")


def test_an_update_replaces_the_options_whole(connected: ConnectedTenant) -> None:
    options = {"client_id": "awkey"}

    assert Caller(connected).ask("PATCH", CONNECTION, {"options": options}).json()["options"] == options


def test_a_display_name_that_is_left_out_of_an_update_is_reset(connected: ConnectedTenant) -> None:
    connected.tenant.connections["con_0000000000000001"]["display_name"] = "TikTok"

    assert Caller(connected).ask("PATCH", CONNECTION, {"options": {}}).json()["display_name"] == "tiktok"


def test_applications_are_enabled_one_by_one(connected: ConnectedTenant) -> None:
    connected.tenant.add_application("other", "other-secret")
    caller = Caller(connected)
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
    connected: ConnectedTenant, change: dict[str, object], said: str
) -> None:
    status, code, message = Caller(connected).refusal("POST", "/connections", {**BODY, **change})

    assert (status, code) == (400, "invalid_body")
    assert message.startswith(f"Payload validation error: '{said}")


def test_a_name_that_is_taken_is_a_conflict(connected: ConnectedTenant) -> None:
    assert Caller(connected).refusal("POST", "/connections", {**BODY, "name": "tiktok"}) == (
        409,
        "connection_conflict",
        "A connection with the same name already exists",
    )


def test_a_failure_after_the_work_was_done_leaves_it_done(connected: ConnectedTenant) -> None:
    caller = Caller(connected)
    connected.tenant.queue_fault("POST", "/api/v2/connections", 502)

    assert caller.ask("POST", "/connections", BODY).status_code == 502
    assert caller.refusal("POST", "/connections", BODY)[0] == 409


def test_a_deleted_connection_takes_its_users_and_its_name_with_it(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        browser.sign_in(connected)
    connected.tenant.users["oauth2|another|1"] = {
        "user_id": "oauth2|another|1",
        "identities": [{"connection": "another"}],
    }
    caller = Caller(connected)

    assert caller.ask("DELETE", CONNECTION).status_code == 202
    assert list(connected.tenant.users) == ["oauth2|another|1"]
    assert caller.ask("POST", "/connections", {**BODY, "name": "tiktok"}).status_code == 201


def test_a_database_connection_has_the_recorded_defaults(connected: ConnectedTenant) -> None:
    created = Caller(connected).ask("POST", "/connections", {"name": "Users", "strategy": "auth0"})

    assert created.status_code == 201
    assert created.json()["options"].keys() == {
        *("authentication_methods", "brute_force_protection", "mfa", "passkey_options", "password_options"),
        "strategy_version",
    }
    assert created.json()["realms"] == ["Users"]
    assert created.json()["authentication"] == {"active": True}


def test_a_database_connection_keeps_its_own_password_policy(connected: ConnectedTenant) -> None:
    body = {"name": "Users", "strategy": "auth0", "options": {"passwordPolicy": "fair", "requires_username": True}}
    options = Caller(connected).ask("POST", "/connections", body).json()["options"]

    assert (options["passwordPolicy"], options["requires_username"]) == ("fair", True)
    assert "password_options" not in options


def test_a_database_connection_is_listed_changed_enabled_and_deleted(connected: ConnectedTenant) -> None:
    caller = Caller(connected)
    path = f"/connections/{caller.ask('POST', '/connections', {'name': 'Users', 'strategy': 'auth0'}).json()['id']}"

    listed = caller.ask("GET", "/connections?strategy=auth0&take=50").json()["connections"]
    assert [each["name"] for each in listed] == ["Users"]
    assert caller.ask("PATCH", path, {"options": {"disable_signup": True}}).json()["options"] == {
        "disable_signup": True
    }
    assert caller.ask("PATCH", f"{path}/clients", [{"client_id": "app", "status": True}]).status_code == 204
    assert caller.ask("GET", f"{path}/clients").json()["clients"] == [{"client_id": "app"}]
    assert caller.ask("DELETE", path).status_code == 202


@pytest.mark.parametrize(
    ("strategy", "option"), [("auth0", {"tokenURL": "https://a.example"}), ("oauth2", {"passwordPolicy": "good"})]
)
def test_each_strategy_has_options_of_its_own(
    connected: ConnectedTenant, strategy: str, option: dict[str, str]
) -> None:
    caller, (name,) = Caller(connected), option
    body = {"name": "Users", "strategy": strategy}
    path = f"/connections/{caller.ask('POST', '/connections', body).json()['id']}"
    what = f"'Additional properties not allowed: {name}' on property options"
    message = f"Payload validation error: {what} (The connection's options (depend on the connection strategy))."

    assert caller.refusal("POST", "/connections", {**body, "options": option}) == (400, "invalid_body", message)
    assert caller.refusal("PATCH", path, {"options": option}) == (400, "invalid_body", message)


def test_the_login_of_a_database_connection_is_not_emulated(connected: ConnectedTenant) -> None:
    caller = Caller(connected)
    connection = caller.ask("POST", "/connections", {"name": "Users", "strategy": "auth0"}).json()
    caller.ask("PATCH", f"/connections/{connection['id']}/clients", [{"client_id": "app", "status": True}])
    with Browser() as browser:
        page = browser.get(f"{connected.origin}/authorize", params=authorization_request(connection="Users"))

    assert page.status_code == 501
    assert page.json()["message"].endswith("the login of Users, a connection of the strategy auth0")
