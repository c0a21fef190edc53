"""What the recordings do not show: refusals, retries and partial failures."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import status_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from rehearsal.stand_in_plugins import AUTH0, GOOGLE_CLOUD, Plugin, serve_plugin
from rehearsal.stand_in_plugins.properties import SECRET, SIGNATURE, UNKNOWN, Properties, from_struct, to_struct
from tests.support.plugins.replay import Stage
from tests.support.plugins.scripted_server import Sent

_CONNECTION = "urn:pulumi:dev::tk::auth0:index/connection:Connection::tiktok"
_SERVICE = "urn:pulumi:dev::tk::gcp:cloudrunv2/service:Service::proxy"
_BUCKET = "urn:pulumi:dev::tk::gcp:storage/bucket:Bucket::archives"
_CONNECTIONS = "/api/v2/connections"
_OPTIONS = {"clientId": "key", "clientSecret": "s3cr3t", "pkceEnabled": False}
_EMPTY: Properties = {"authParams": {}, "configuration": {}, "customScripts": {}}
_INPUTS: Properties = {"name": "tiktok", "strategy": "oauth2", "options": _OPTIONS}
_TOKEN = {"access_token": "token", "token_type": "Bearer", "expires_in": 86400}


def script(method: str, path: str, status: int, body: Any = None, **more: Any) -> Sent:  # noqa: ANN401  # JSON
    """Return an exchange for the scripted server."""
    return {
        "method": method,
        "path": path,
        "query": {},
        "request_body": None,
        "status": status,
        "response_body": body,
        **more,
    }


def auth0_error(status: int, error: str) -> dict[str, Any]:
    return {"statusCode": status, "error": error, "message": "No"}


@contextmanager
def configured(
    plugin: Plugin, stage: Stage, *exchanges: Sent, environment: dict[str, str] | None = None, **config: str
) -> Generator[Any]:
    """Yield a configured stand-in, whose requests get the scripted answers."""
    stage.server.follow(exchanges)
    with (
        serve_plugin(plugin, environment or {}, stage.tls) as port,
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        stub: Any = ResourceProviderStub(channel)  # whose types are half unknown
        stub.Configure(pb.ConfigureRequest(args=to_struct(dict(config))))
        yield stub


@pytest.fixture
def auth0(stage: Stage) -> Callable[..., Any]:
    """Return a function that yields a stand-in for the auth0 plugin, given the exchanges after its token."""

    def with_exchanges(*exchanges: Sent, token: list[Sent] | None = None) -> Any:  # noqa: ANN401  # a context manager
        tokens = token or [script("POST", "/oauth/token", 200, _TOKEN)]
        domain = stage.placeholders["@AUTH0_DOMAIN@"]
        return configured(
            AUTH0, stage, *tokens, *exchanges, domain=domain, clientId="id", clientSecret="deployer secret"
        )

    return with_exchanges


@contextmanager
def google(stage: Stage, *exchanges: Sent) -> Generator[Any]:
    """Yield a stand-in for the gcp plugin."""
    origin = stage.placeholders["@GOOGLE@"]
    run = f"{origin}/v2/"
    with configured(
        GOOGLE_CLOUD, stage, *exchanges, project="p", accessToken="token", cloudRunV2CustomEndpoint=run
    ) as stub:
        yield stub


def catch_error(call: Callable[[], object]) -> grpc.RpcError:
    """Return the error of a call that must fail."""
    with pytest.raises(grpc.RpcError) as failure:
        call()
    return failure.value


def partial_failure(error: Any) -> pb.ErrorResourceInitFailed:  # noqa: ANN401  # grpc's errors are half typed
    """Return what the engine must keep, from the trailing metadata of an error."""
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    kept = pb.ErrorResourceInitFailed()
    assert status_pb2.Status.FromString(details).details[0].Unpack(kept)
    return kept


@pytest.mark.parametrize("domain", ["tenant.eu.auth0.com", "https://10.0.0.1", ""])
def test_a_domain_that_is_not_on_loopback_is_refused(stage: Stage, domain: str) -> None:
    def configure() -> None:
        with configured(AUTH0, stage, domain=domain):
            raise AssertionError("Configure accepted it.")

    error: Any = catch_error(configure)

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details().endswith("but a stand-in plugin connects to emulators on loopback only.")


@pytest.mark.parametrize("host", ["run.googleapis.com", "10.0.0.1"])
def test_an_endpoint_that_is_not_on_loopback_is_refused(stage: Stage, host: str) -> None:
    def configure() -> None:
        with configured(GOOGLE_CLOUD, stage, accessToken="token", cloudRunV2CustomEndpoint=f"https://{host}/v2/"):
            raise AssertionError("Configure accepted it.")

    error: Any = catch_error(configure)

    assert error.details().startswith("gcp:cloudRunV2CustomEndpoint is ")
    assert error.details().endswith("but a stand-in plugin connects to emulators on loopback only.")


def test_a_missing_endpoint_does_not_become_googles_own(stage: Stage) -> None:
    bucket = pb.CreateRequest(urn=_BUCKET, properties=to_struct({"name": "b", "location": "EU"}))
    with google(stage) as stub:
        error: Any = catch_error(lambda: stub.Create(bucket))

    assert "storageCustomEndpoint is not set, and a stand-in plugin connects to emulators only" in error.details()


def test_a_property_without_a_description_is_refused_by_name(auth0: Callable[..., Any]) -> None:
    news = to_struct({**_INPUTS, "options": {**_OPTIONS, "waadProtocol": "openid"}})
    with auth0() as stub:
        answer = stub.Check(pb.CheckRequest(urn=_CONNECTION, news=news))

    assert [failure.property for failure in answer.failures] == ["options.waadProtocol"]


def diff(stub: Any, urn: str, olds: Properties, news: Properties) -> dict[str, str]:  # noqa: ANN401  # half typed
    """Return the detailed diff between a state and inputs."""
    answer = stub.Diff(pb.DiffRequest(urn=urn, id="id", olds=to_struct(olds), news=to_struct(news)))
    return {path: pb.PropertyDiff.Kind.Name(change.kind) for path, change in answer.detailedDiff.items()}


def test_scopes_that_a_connection_did_not_have_are_added(auth0: Callable[..., Any]) -> None:
    news = {**_INPUTS, "options": {**_OPTIONS, "scopes": ["user.info.basic"]}}
    with auth0() as stub:
        refreshed = diff(stub, _CONNECTION, {**_INPUTS, "options": {**_OPTIONS, **_EMPTY}}, news)
        created = diff(stub, _CONNECTION, _INPUTS, news)
        unchanged = diff(stub, _CONNECTION, _INPUTS, _INPUTS)

    assert refreshed == {"options.scopes": "ADD"}
    assert created == {"options.scopes": "ADD", **{f"options.{name}": "ADD" for name in _EMPTY}}
    assert unchanged == {}


def test_a_script_that_is_not_known_yet_is_one_change(auth0: Callable[..., Any]) -> None:
    olds, news = (
        {**_INPUTS, "options": {**_OPTIONS, **_EMPTY, "scripts": {"fetchUserProfile": script}}}
        for script in ("function f() {}", UNKNOWN)
    )
    with auth0() as stub:
        changes = diff(stub, _CONNECTION, olds, news)

    assert changes == {"options.scripts": "UPDATE"}


def test_what_the_api_leaves_out_is_zero_in_the_state(stage: Stage) -> None:
    service = "projects/p/locations/l/services/s"
    document = {"name": service, "template": {"scaling": {"maxInstanceCount": 5}}, "scaling": {}}
    read = script("GET", f"/v2/{service}", 200, document, query={"alt": "json"})
    with google(stage, read) as stub:
        state = from_struct(stub.Read(pb.ReadRequest(id=service, urn=_SERVICE)).properties)
        changes = diff(stub, _SERVICE, state, {**state, "invokerIamDisabled": True, "scaling": {"minInstanceCount": 1}})

    assert state["invokerIamDisabled"] is False
    assert state["template"] == {
        "annotations": {},
        "labels": {},
        "scaling": {"maxInstanceCount": 5, "minInstanceCount": 0},
    }
    assert changes == {"invokerIamDisabled": "UPDATE", "scaling.minInstanceCount": "UPDATE"}


def test_a_token_is_requested_with_a_form_if_basic_is_refused(auth0: Callable[..., Any], stage: Stage) -> None:
    client = script("GET", "/api/v2/clients/app", 200, {"client_id": "app", "name": "App"})
    with auth0(
        client, token=[script("POST", "/oauth/token", 401), script("POST", "/oauth/token", 200, _TOKEN)]
    ) as stub:
        for _ in range(2):
            stub.Invoke(pb.InvokeRequest(tok="auth0:index/getClient:getClient", args=to_struct({"clientId": "app"})))

    tokens = [sent for sent in stage.server.sent if sent["path"] == "/oauth/token"]
    assert [sent["authorization"] for sent in tokens] == ["Basic", ""]
    assert tokens[1]["request_body"]["form"]["client_secret"] == "deployer secret"


def test_the_error_of_a_refused_token_holds_no_secret(auth0: Callable[..., Any]) -> None:
    with auth0(token=[script("POST", "/oauth/token", 401, {"error": "access_denied"})]) as stub:
        error: Any = catch_error(lambda: stub.Create(pb.CreateRequest(urn=_CONNECTION, properties=to_struct(_INPUTS))))

    assert "oauth2: cannot fetch token: 401" in error.details()
    assert "deployer" not in error.details()


def test_a_server_error_of_auth0_is_tried_three_times(auth0: Callable[..., Any], stage: Stage) -> None:
    with auth0(script("POST", _CONNECTIONS, 503, auth0_error(503, "Service Unavailable"))) as stub:
        error: Any = catch_error(lambda: stub.Create(pb.CreateRequest(urn=_CONNECTION, properties=to_struct(_INPUTS))))

    assert error.details() == f"creating {_CONNECTION}: 1 error occurred:\n\t* 503 Service Unavailable: No\n\n"
    assert [sent["path"] for sent in stage.server.sent].count(_CONNECTIONS) == 3


def test_a_rate_limit_is_waited_for_until_it_resets(auth0: Callable[..., Any], stage: Stage) -> None:
    reset = time.time() + 0.5
    limited = script(
        "POST",
        _CONNECTIONS,
        429,
        auth0_error(429, "Too Many Requests"),
        response_headers={"X-RateLimit-Reset": str(reset)},
    )
    created = script("POST", _CONNECTIONS, 201, {"id": "con_1", **_INPUTS})
    with auth0(limited, created, script("GET", f"{_CONNECTIONS}/con_1", 200, {"id": "con_1", **_INPUTS})) as stub:
        stub.Create(pb.CreateRequest(urn=_CONNECTION, properties=to_struct(_INPUTS)))

    assert time.time() >= reset
    assert [sent["method"] for sent in stage.server.sent if sent["path"] == _CONNECTIONS] == ["POST", "POST"]


def test_a_connection_that_cannot_be_read_after_its_creation_is_kept_with_its_secret_marked(
    auth0: Callable[..., Any],
) -> None:
    created = script("POST", _CONNECTIONS, 201, {"id": "con_1", **_INPUTS})
    with auth0(created, script("GET", f"{_CONNECTIONS}/con_1", 403, auth0_error(403, "Forbidden"))) as stub:
        kept = partial_failure(
            catch_error(lambda: stub.Create(pb.CreateRequest(urn=_CONNECTION, properties=to_struct(_INPUTS))))
        )

    marked = {SIGNATURE: SECRET, "value": "s3cr3t"}
    assert kept.id == "con_1"
    assert json_format.MessageToDict(kept.properties)["options"]["clientSecret"] == marked
    assert json_format.MessageToDict(kept.inputs)["options"]["clientSecret"] == marked


def test_a_refused_update_keeps_the_new_state_and_the_old_inputs(auth0: Callable[..., Any]) -> None:
    olds = to_struct({"id": "con_1", **_INPUTS, "displayName": "Old"})
    request = pb.UpdateRequest(
        id="con_1", urn=_CONNECTION, olds=olds, old_inputs=olds, news=to_struct({**_INPUTS, "displayName": "New"})
    )
    with auth0(script("PATCH", f"{_CONNECTIONS}/con_1", 403, auth0_error(403, "Forbidden"))) as stub:
        kept = partial_failure(catch_error(lambda: stub.Update(request)))

    assert from_struct(kept.properties)["displayName"] == "New"
    assert from_struct(kept.inputs)["displayName"] == "Old"


def test_a_protected_service_is_not_deleted(stage: Stage) -> None:
    properties = to_struct({"deletionProtection": True})
    with google(stage) as stub:
        request = pb.DeleteRequest(id="projects/p/locations/l/services/s", urn=_SERVICE, properties=properties)
        error: Any = catch_error(lambda: stub.Delete(request))

    assert "without setting deletionProtection to false" in error.details()
    assert stage.server.sent == []


def test_cancel_ends_the_wait_for_an_operation(stage: Stage) -> None:
    service, operation = "projects/p/locations/l/services/s", {"name": "projects/p/locations/l/operations/o"}
    started = script("DELETE", f"/v2/{service}", 200, operation, query={"alt": "json"})
    running = script("GET", f"/v2/{operation['name']}", 200, operation, query={"alt": "json"})
    with google(stage, started, running) as stub:
        deletion = stub.Delete.future(pb.DeleteRequest(id=service, urn=_SERVICE, properties=to_struct({})))
        stage.server.wait_for_request(running["path"], seconds=10)
        stub.Cancel(Empty())
        error: Any = deletion.exception(timeout=10)

    assert "stopped waiting for" in error.details()
