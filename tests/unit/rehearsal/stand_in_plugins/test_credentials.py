"""Credentials from the stack and from the environment, in the providers' order of precedence."""

import json
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal.stand_in_plugins import AUTH0, GOOGLE_CLOUD, Plugin
from rehearsal.stand_in_plugins.properties import from_struct, to_struct
from tests.support.plugins.configured import configure_plugin, script
from tests.support.plugins.replay import Stage

KEY = RSAKey.generate_key(2048)
CLIENT = {"AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "deployer secret"}


@contextmanager
def configured(plugin: Plugin, stage: Stage, environment: Mapping[str, str], **config: str) -> Generator[Any]:
    """Yield a plugin that the engine configured with ``config``; it may look up an application and a project."""
    exchanges = [
        script("POST", "/oauth/token", 200, {"access_token": "from auth0", "expires_in": 86400}),
        script("POST", "/token", 200, {"access_token": "from google", "expires_in": 3600}),
        script("GET", "/api/v2/clients/app", 200, {"client_id": "app", "name": "App"}),
        script(
            "GET",
            "/v1/projects/p",
            200,
            {"projectId": "p", "projectNumber": "1", "name": "P"},
            query={"alt": "json", "prettyPrint": "false"},
        ),
    ]
    with configure_plugin(plugin, stage, *exchanges, environment=environment, **config) as stub:
        yield stub


def look_up_application(stub: Any) -> None:  # noqa: ANN401  # half typed
    stub.Invoke(pb.InvokeRequest(tok="auth0:index/getClient:getClient", args=to_struct({"clientId": "app"})))


def look_up_project(stub: Any) -> None:  # noqa: ANN401  # half typed
    stub.Invoke(pb.InvokeRequest(tok="gcp:organizations/getProject:getProject", args=to_struct({"projectId": "p"})))


def refusal(plugin: Plugin, stage: Stage, environment: Mapping[str, str], **config: str) -> str:
    """Return the sentence in which Configure refuses."""
    with pytest.raises(grpc.RpcError) as failure, configured(plugin, stage, environment, **config):
        raise AssertionError("Configure accepted it.")
    error: Any = failure.value
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    return error.details()


def key_file(token_uri: str) -> str:
    """Return a service account's key as Google's console writes it."""
    return json.dumps(
        {
            "type": "service_account",
            "client_email": "deployer@p.iam.gserviceaccount.com",
            "private_key_id": "1",
            "private_key": KEY.as_pem(private=True).decode(),
            "token_uri": token_uri,
        }
    )


def test_a_client_in_the_environment_gets_a_token(stage: Stage) -> None:
    environment = {"AUTH0_DOMAIN": stage.placeholders["@AUTH0_DOMAIN@"], **CLIENT}
    with configured(AUTH0, stage, environment) as stub:
        look_up_application(stub)

    assert [(sent["path"], sent["authorization"]) for sent in stage.server.sent] == [
        ("/oauth/token", "Basic"),
        ("/api/v2/clients/app", "Bearer"),
    ]


def test_the_stack_comes_before_the_environment(stage: Stage) -> None:
    environment = {"AUTH0_DOMAIN": "tenant.eu.auth0.com", "AUTH0_AUDIENCE": "https://api.example/", **CLIENT}
    domain = stage.placeholders["@AUTH0_DOMAIN@"]
    with configured(AUTH0, stage, environment, domain=domain) as stub:
        look_up_application(stub)

    assert stage.server.sent[0]["request_body"]["form"]["audience"] == "https://api.example/"


def test_a_token_comes_before_a_client(stage: Stage) -> None:
    environment = {**CLIENT, "AUTH0_API_TOKEN": "static"}
    with configured(AUTH0, stage, environment, domain=stage.placeholders["@AUTH0_DOMAIN@"]) as stub:
        look_up_application(stub)

    assert [sent["path"] for sent in stage.server.sent] == ["/api/v2/clients/app"]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, "Auth0 needs credentials"),
        ({"AUTH0_CLIENT_ID": "id"}, "Auth0 needs credentials"),
        ({"AUTH0_CLI_LOGIN": "true"}, "a stand-in plugin reads no keyring"),
        ({"AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY": "k"}, "takes no client assertion"),
    ],
)
def test_what_auth0_cannot_be_called_with_is_refused(stage: Stage, variables: dict[str, str], sentence: str) -> None:
    assert sentence in refusal(AUTH0, stage, variables, domain=stage.placeholders["@AUTH0_DOMAIN@"])


def test_a_domain_in_the_environment_must_be_on_loopback_too(stage: Stage) -> None:
    said = refusal(AUTH0, stage, {"AUTH0_DOMAIN": "tenant.eu.auth0.com", **CLIENT})

    assert said == (
        "auth0:domain (or AUTH0_DOMAIN) is 'https://tenant.eu.auth0.com', but a stand-in plugin connects to emulators "
        "on loopback only."
    )


def google(stage: Stage, **variables: str) -> dict[str, str]:
    """Return an environment that holds the project API's address, and ``variables``."""
    return {"GOOGLE_RESOURCE_MANAGER_CUSTOM_ENDPOINT": stage.placeholders["@GOOGLE@"] + "/v1/", **variables}


def test_googles_token_comes_before_a_key(stage: Stage) -> None:
    key = key_file(stage.placeholders["@GOOGLE@"] + "/token")
    environment = google(stage, GOOGLE_OAUTH_ACCESS_TOKEN="static", GOOGLE_CREDENTIALS=key)
    with configured(GOOGLE_CLOUD, stage, environment) as stub:
        look_up_project(stub)

    assert [sent["path"] for sent in stage.server.sent] == ["/v1/projects/p"]


def test_a_service_accounts_key_gets_a_token_for_a_signed_assertion(stage: Stage) -> None:
    token_uri = stage.placeholders["@GOOGLE@"] + "/token"
    with configured(GOOGLE_CLOUD, stage, google(stage, GOOGLE_CREDENTIALS=key_file(token_uri))) as stub:
        for _ in range(2):
            look_up_project(stub)

    assert [sent["path"] for sent in stage.server.sent] == ["/token", "/v1/projects/p", "/v1/projects/p"]
    form = stage.server.sent[0]["request_body"]["form"]
    claims = jwt.decode(form["assertion"], KEY).claims
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert (claims["iss"], claims["aud"]) == ("deployer@p.iam.gserviceaccount.com", token_uri)
    assert claims["exp"] - time.time() <= 3600


def test_a_real_key_of_googles_is_refused_without_a_request(stage: Stage) -> None:
    key = key_file("https://oauth2.googleapis.com/token")

    said = refusal(GOOGLE_CLOUD, stage, google(stage, GOOGLE_CREDENTIALS=key))

    assert said.startswith("The token_uri of gcp:credentials (or GOOGLE_CREDENTIALS) is 'https://oauth2.googleapis.com")
    assert "PRIVATE KEY" not in said
    assert stage.server.sent == []


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, "Google needs credentials"),
        ({"GOOGLE_CREDENTIALS": '{"type": "external_account"}'}, "is no key of a service account"),
        ({"GOOGLE_CREDENTIALS": "/nowhere/key.json"}, "is no key of a service account"),
        ({"GOOGLE_OAUTH_ACCESS_TOKEN": "t", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT": "a@b"}, "cannot impersonate"),
    ],
)
def test_what_google_cannot_be_called_with_is_refused(stage: Stage, variables: dict[str, str], sentence: str) -> None:
    assert sentence in refusal(GOOGLE_CLOUD, stage, google(stage, **variables))


def test_project_and_region_of_the_environment_are_kept_in_the_state_but_no_token(stage: Stage) -> None:
    environment = google(stage, GOOGLE_OAUTH_ACCESS_TOKEN="static", GCLOUD_PROJECT="p", GOOGLE_REGION="europe-west1")
    with configured(GOOGLE_CLOUD, stage, environment) as stub:
        inputs = from_struct(stub.CheckConfig(pb.CheckRequest(news=to_struct({"region": "europe-west4"}))).inputs)

    assert inputs == {"project": "p", "region": "europe-west4"}
