"""The emulated Platform API is as strict as the original."""

import httpx2
import pytest

from emulators.clerk import Application, Clerk

KEY = "connection_oauth_tiktok"
ON = {"enabled": True, "client_id": "aw1", "client_secret": "made-up"}


def _config(application: Application, instance: str = "production") -> str:
    return f"applications/{application.id}/instances/{instance}/config"


def _message(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["long_message"]


@pytest.fixture
def application(workspace: Clerk) -> Application:
    return workspace.add_application("example.com")


def test_secrets_come_back_redacted(client: httpx2.Client, application: Application) -> None:
    redacted = {KEY: {**ON, "authenticatable": True, "client_secret": "[REDACTED]"}}
    answer = client.patch(_config(application), json={KEY: ON}).json()
    assert answer["after"] == redacted
    assert answer["before"] == {KEY: {"enabled": False, "authenticatable": True}}
    shown = client.get(_config(application), params={"keys": KEY}).json()
    assert shown == {**redacted, "config_version": "2"}


def test_a_dry_run_changes_nothing(client: httpx2.Client, application: Application) -> None:
    answer = client.patch(_config(application), json={KEY: ON}, params={"dry_run": "true"}).json()
    assert (answer["dry_run"], answer["config_version"]) == (True, "1")
    assert application.instances["production"].config == {}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"connection_oauth_myspace": {}}, "connection_oauth_myspace is not a known config key"),
        ({KEY: {"color": "red"}}, f"{KEY}.color is not a known config key"),
        ({KEY: {"enabled": "yes"}}, f"{KEY}.enabled must be of type bool"),
        ({KEY: True}, f"{KEY} must be an object"),
        ({KEY: {"enabled": True}}, f"{KEY} needs client_id and client_secret in production"),
        ({"connection_oauth_google": {"enabled": True}}, "connection_oauth_google needs client_id and client_secret"),
    ],
)
def test_what_no_instance_takes_is_unprocessable(
    client: httpx2.Client, application: Application, body: object, message: str
) -> None:
    status, said = _message(client.patch(_config(application), json=body))
    assert status == 422
    assert said.startswith(message)


def test_only_tiktok_has_no_shared_credentials_in_development(client: httpx2.Client, application: Application) -> None:
    place, on = _config(application, "development"), {"enabled": True}
    assert client.patch(place, json={"connection_oauth_google": on}).status_code == 200
    assert client.patch(place, json={KEY: on}).status_code == 422


def test_another_version_is_a_conflict(client: httpx2.Client, application: Application) -> None:
    application.instances["production"].change({"session": {"lifetime": 60}})
    answer = client.patch(_config(application), json={KEY: ON}, headers={"If-Match": "1"})
    assert _message(answer) == (412, "The config version is 2")


def test_an_instance_goes_by_its_id_as_well(client: httpx2.Client, application: Application) -> None:
    identity = application.instances["production"].id
    assert client.get(_config(application, identity)).status_code == 200
    assert client.get(_config(application, "ins_nobodys")).status_code == 404


def test_the_frontend_api_tells_anybody_what_one_signs_in_by(client: httpx2.Client, application: Application) -> None:
    client.patch(_config(application), json={KEY: {**ON, "authenticatable": False}})
    address = client.base_url.join("/v1/environment")
    answer = httpx2.get(address, headers={"Host": "clerk.example.com"}).json()
    assert answer["display_config"]["instance_environment_type"] == "production"
    tiktok = answer["user_settings"]["social"]["oauth_tiktok"]
    assert (tiktok["enabled"], tiktok["authenticatable"]) == (True, False)
    assert "made-up" not in str(answer)
    assert httpx2.get(address).json()["errors"][0]["code"] == "host_invalid"


def test_keys_and_scopes_are_looked_at(client: httpx2.Client, workspace: Clerk, application: Application) -> None:
    reader, place = workspace.add_key("applications:read"), f"applications/{application.id}"
    as_reader, as_nobody = {"Authorization": f"Bearer {reader}"}, {"Authorization": "Bearer sk_live_1"}
    assert client.get(place, headers=as_reader).status_code == 200
    assert client.get(_config(application), headers=as_reader).status_code == 403
    assert client.get(place, headers=as_nobody).status_code == 401


def test_too_many_calls_are_told_when_to_come_back(client: httpx2.Client, workspace: Clerk) -> None:
    workspace.limit, workspace.seconds = 1, 30
    assert client.get("applications/app_1").status_code == 404
    answer = client.get("applications/app_1")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")


def test_what_is_not_emulated_says_so(client: httpx2.Client, application: Application) -> None:
    assert client.put(_config(application), json={}).status_code == 501
