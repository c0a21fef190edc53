"""What the connection's component declares in Auth0, and how it looks applications up."""

import json
from typing import Any

import pytest

from infra.program import UnknownApplicationError
from infra.tiktok_connection import canonical_json
from tests.support.infra.declaring import Recorder
from tests.support.infra.stacks import SECRET, deployed


def _options(stack: Recorder) -> dict[str, Any]:
    return stack.only(":Connection").inputs["options"]


def test_the_connection_says_what_its_button_says() -> None:
    connection = deployed(displayName="Sign in with TikTok", iconUrl="https://example.com/tiktok.svg").only(
        ":Connection"
    )
    assert connection.inputs["name"] == "tiktok-dev"
    assert connection.inputs["strategy"] == "oauth2"
    assert connection.inputs["displayName"] == "Sign in with TikTok"
    assert connection.inputs["options"]["iconUrl"] == "https://example.com/tiktok.svg"


def test_the_options_are_whole_because_auth0_replaces_them_whole() -> None:
    options = _options(deployed(scopes=["user.info.basic", "user.info.profile"]))
    script = options.pop("scripts")["fetchUserProfile"]
    assert options == {
        "clientId": "aw123",
        "clientSecret": {**SECRET, "value": "s3cr3t-one"},
        "authorizationEndpoint": "https://www.tiktok.com/v2/auth/authorize/",
        "tokenEndpoint": "https://token-proxy-abc-ew.a.run.app/proxy/token",
        "scopes": ["user.info.basic,user.info.profile"],
        "upstreamParams": '{"client_key":{"value":"aw123"}}',
        "setUserRootAttributes": "on_each_login",
        "pkceEnabled": False,
    }
    assert script.count("https://open.tiktokapis.com/v2/user/info/") == 1


def test_metadata_that_others_keep_on_the_connection_stays() -> None:
    connection = deployed().only(":Connection")
    assert connection.ignore_changes == ["metadata"]
    assert "metadata" not in connection.inputs


def test_the_connection_waits_until_everyone_may_call_the_proxy() -> None:
    connection = deployed(publicAccess="all-users").only(":Connection")
    assert {"tiktok-proxy-service", "tiktok-proxy-everyone-may-call"} <= set(connection.dependencies)


def test_the_script_is_told_address_and_rule() -> None:
    stack = deployed(userId="open_id", tiktokApiOrigin="http://127.0.0.1:8080")
    script = _options(stack)["scripts"]["fetchUserProfile"]
    (line,) = [line for line in script.splitlines() if line.endswith("// infra fills in this line")]
    constants = json.loads(line.partition("= ")[2].partition(";")[0])
    assert constants == {"userInfoUrl": "http://127.0.0.1:8080/v2/user/info/", "userId": "open_id"}


def test_the_script_is_one_function_with_unix_newlines_and_fits_auth0() -> None:
    script = _options(deployed())["scripts"]["fetchUserProfile"]
    assert script.startswith("function fetchUserProfile(")
    assert "\r" not in script
    assert len(script) < 51_200


def test_each_application_is_enabled_by_itself() -> None:
    stack = deployed("dev", Recorder({"app1": "Shop", "app2": "Forum"}), applications=["app1", "app2"])
    clients = stack.all(":ConnectionClient")
    assert [client.inputs for client in clients] == [
        {"connectionId": "tiktok-connection-id", "clientId": client_id} for client_id in ("app1", "app2")
    ]
    assert {client.parent for client in clients} == {"tiktok"}


def test_an_application_named_twice_is_enabled_once() -> None:
    stack = deployed("dev", Recorder({"app1": "Shop"}), applications=["app1", "app1"])
    assert len(stack.all(":ConnectionClient")) == 1


def test_an_application_is_looked_up_by_its_id_and_its_secret_is_not_kept() -> None:
    stack = deployed("dev", Recorder({"app1": "Shop"}), applications=["app1"])
    assert stack.asked == [{"token": "auth0:index/getClient:getClient", "arguments": {"clientId": "app1"}}]
    assert "its-own-secret" not in f"{stack.declared}{stack.outputs}{stack.said}"


def test_people_are_asked_every_time_if_a_stack_says_so() -> None:
    params = _options(deployed(askEveryTime=True))["upstreamParams"]
    assert params == '{"client_key":{"value":"aw123"},"disable_auto_auth":{"value":"1"}}'


def test_an_application_that_auth0_does_not_know_is_named() -> None:
    with pytest.raises(UnknownApplicationError) as refused:
        deployed("dev", Recorder({"app1": "Shop"}), applications=["app1", "app9"])
    assert str(refused.value) == (
        "tiktok-login:applications names app9, which could not be looked up in Auth0: "
        "404 Not Found: The client does not exist"
    )


def test_an_auth0_that_cannot_be_reached_is_a_sentence_with_the_cause() -> None:
    cause = 'failed to send the request: Get "https://example.eu.auth0.com/": dial tcp: connection refused'
    with pytest.raises(UnknownApplicationError, match=r"names app1, which could not .* dial tcp: connection refused$"):
        deployed("dev", Recorder(unreachable=cause), applications=["app1"])


def test_canonical_json_is_spelled_as_go_spells_it() -> None:
    assert canonical_json({"b": "<&>\u2028", "a": {"é": 1}}) == '{"a":{"é":1},"b":"\\u003c\\u0026\\u003e\\u2028"}'
