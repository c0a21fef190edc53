"""What the recordings do not show: refusals, retries, and what is kept of something half done."""

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

from rehearsal.stand_in_plugins.attaching import plugged
from rehearsal.stand_in_plugins.properties import SECRET, SIGNATURE, from_struct, to_struct
from rehearsal.stand_in_plugins.vendors import AUTH0, GCP, Vendor
from tests.support.plugins.replay import Stage
from tests.support.plugins.scripted_server import Sent

_CONNECTION = "urn:pulumi:dev::tk::auth0:index/connection:Connection::tiktok"
_SERVICE = "urn:pulumi:dev::tk::gcp:cloudrunv2/service:Service::proxy"
_CONNECTIONS = "/api/v2/connections"
_OPTIONS = {"clientId": "key", "clientSecret": "s3cr3t", "pkceEnabled": False}
_INPUTS = {"name": "tiktok", "strategy": "oauth2", "options": _OPTIONS}
_TOKEN = {"access_token": "token", "token_type": "Bearer", "expires_in": 86400}


def exchange(method: str, path: str, status: int, body: Any = None, **more: Any) -> Sent:  # noqa: ANN401  # JSON
    """Script one answer."""
    return {
        "method": method,
        "path": path,
        "query": {},
        "request_body": None,
        "status": status,
        "response_body": body,
        **more,
    }


def refusal(status: int, error: str) -> dict[str, Any]:
    """Word a refusal as Auth0 does."""
    return {"statusCode": status, "error": error, "message": "No"}


@contextmanager
def configured(vendor: Vendor, stage: Stage, *exchanges: Sent, **config: str) -> Generator[Any]:
    """Yield a stand-in that the engine has configured, and that is answered as scripted."""
    stage.server.follow(exchanges)
    with plugged(vendor, stage.tls) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = ResourceProviderStub(channel)  # whose types are half unknown
        stub.Configure(pb.ConfigureRequest(args=to_struct(dict(config))))
        yield stub


@pytest.fixture
def auth0(stage: Stage) -> Callable[..., Any]:
    """Return how to get a stand-in for Auth0's plugin, given the exchanges that its token begins."""

    def with_exchanges(*exchanges: Sent, token: list[Sent] | None = None) -> Any:  # noqa: ANN401  # a context manager
        tokens = token or [exchange("POST", "/oauth/token", 200, _TOKEN)]
        domain = stage.placeholders["@AUTH0_DOMAIN@"]
        secret = {"clientId": "id", "clientSecret": "deployer secret"}
        return configured(AUTH0, stage, *tokens, *exchanges, domain=domain, **secret)

    return with_exchanges


@contextmanager
def google(stage: Stage, *exchanges: Sent) -> Generator[Any]:
    """Yield a stand-in for Google's plugin."""
    origin = stage.placeholders["@GOOGLE@"]
    apis = {"cloudRunV2": "/v2/", "storage": "/storage/v1/", "iamBeta": "/v1/", "serviceUsage": "/v1/"}
    endpoints = {f"{api}CustomEndpoint": origin + path for api, path in {**apis, "resourceManager": "/v1/"}.items()}
    with configured(GCP, stage, *exchanges, project="p", accessToken="token", **endpoints) as stub:
        yield stub


def refused(call: Callable[[], object]) -> grpc.RpcError:
    """Make a call that has to fail, and return how it did."""
    with pytest.raises(grpc.RpcError) as failure:
        call()
    return failure.value


def half_done(error: Any) -> pb.ErrorResourceInitFailed:  # noqa: ANN401  # grpc's errors are half typed
    """Return what the engine is to keep, as it hides in the trailing metadata of an error."""
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    kept = pb.ErrorResourceInitFailed()
    assert status_pb2.Status.FromString(details).details[0].Unpack(kept)
    return kept


@pytest.mark.parametrize("domain", ["tenant.eu.auth0.com", "https://10.0.0.1", ""])
def test_no_tenant_but_one_on_loopback_is_spoken_to(stage: Stage, domain: str) -> None:
    def configure() -> None:
        with configured(AUTH0, stage, domain=domain):
            raise AssertionError("It was configured.")

    error: Any = refused(configure)

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details().endswith("but a stand-in plugin speaks to an emulator on loopback only.")


def test_an_endpoint_that_is_left_out_is_not_googles_own(stage: Stage) -> None:
    def configure() -> None:
        with configured(GCP, stage, project="p", cloudRunV2CustomEndpoint="http://127.0.0.1:1/v2/"):
            raise AssertionError("It was configured.")

    error: Any = refused(configure)

    assert error.details().startswith("gcp:storageCustomEndpoint is '', but")


def test_a_property_that_nobody_described_is_refused_by_name(auth0: Callable[..., Any]) -> None:
    news = to_struct({**_INPUTS, "options": {**_OPTIONS, "waadProtocol": "openid"}})
    with auth0() as stub:
        answer = stub.Check(pb.CheckRequest(urn=_CONNECTION, news=news))

    assert [failure.property for failure in answer.failures] == ["options.waadProtocol"]


def test_scopes_that_a_connection_never_had_are_added(auth0: Callable[..., Any]) -> None:
    news = {**_INPUTS, "options": {**_OPTIONS, "scopes": ["user.info.basic"]}}
    with auth0() as stub:
        olds = to_struct(_INPUTS)
        answer = stub.Diff(pb.DiffRequest(urn=_CONNECTION, id="c", old_inputs=olds, olds=olds, news=to_struct(news)))

    assert dict(answer.detailedDiff) == {"options.scopes": pb.PropertyDiff(kind=pb.PropertyDiff.Kind.ADD)}


def test_a_token_is_asked_for_in_the_form_where_basic_is_refused(auth0: Callable[..., Any], stage: Stage) -> None:
    client = exchange("GET", "/api/v2/clients/app", 200, {"client_id": "app", "name": "App"})
    with auth0(
        client, token=[exchange("POST", "/oauth/token", 401), exchange("POST", "/oauth/token", 200, _TOKEN)]
    ) as stub:
        for _ in range(2):
            stub.Invoke(pb.InvokeRequest(tok="auth0:index/getClient:getClient", args=to_struct({"clientId": "app"})))

    tokens = [sent for sent in stage.server.sent if sent["path"] == "/oauth/token"]
    assert [sent["authorization"] for sent in tokens] == ["Basic", ""]
    assert tokens[1]["request_body"]["form"]["client_secret"] == "deployer secret"


def test_a_refused_token_is_told_without_the_secret(auth0: Callable[..., Any]) -> None:
    with auth0(token=[exchange("POST", "/oauth/token", 401, {"error": "access_denied"})]) as stub:
        error: Any = refused(lambda: stub.Create(pb.CreateRequest(urn=_CONNECTION, properties=to_struct(_INPUTS))))

    assert "oauth2: cannot fetch token: 401" in error.details()
    assert "deployer" not in error.details()


def test_what_fails_on_auth0s_side_is_tried_three_times(auth0: Callable[..., Any], stage: Stage) -> None:
    with auth0(exchange("POST", _CONNECTIONS, 503, refusal(503, "Service Unavailable"))) as stub:
        error: Any = refused(lambda: stub.Create(pb.CreateRequest(urn=_CONNECTION, properties=to_struct(_INPUTS))))

    assert error.details() == f"creating {_CONNECTION}: 1 error occurred:\n\t* 503 Service Unavailable: No\n\n"
    assert [sent["path"] for sent in stage.server.sent].count(_CONNECTIONS) == 3


def test_what_was_made_but_cannot_be_read_is_kept_with_its_secret_sealed(auth0: Callable[..., Any]) -> None:
    made = exchange("POST", _CONNECTIONS, 201, {"id": "con_1", **_INPUTS})
    with auth0(made, exchange("GET", f"{_CONNECTIONS}/con_1", 403, refusal(403, "Forbidden"))) as stub:
        kept = half_done(refused(lambda: stub.Create(pb.CreateRequest(urn=_CONNECTION, properties=to_struct(_INPUTS)))))

    sealed = {SIGNATURE: SECRET, "value": "s3cr3t"}
    assert kept.id == "con_1"
    assert json_format.MessageToDict(kept.properties)["options"]["clientSecret"] == sealed
    assert json_format.MessageToDict(kept.inputs)["options"]["clientSecret"] == sealed


def test_a_refused_change_keeps_the_new_state_and_the_old_inputs(auth0: Callable[..., Any]) -> None:
    olds = to_struct({"id": "con_1", **_INPUTS, "displayName": "Old"})
    request = pb.UpdateRequest(
        id="con_1", urn=_CONNECTION, olds=olds, old_inputs=olds, news=to_struct({**_INPUTS, "displayName": "New"})
    )
    with auth0(exchange("PATCH", f"{_CONNECTIONS}/con_1", 403, refusal(403, "Forbidden"))) as stub:
        kept = half_done(refused(lambda: stub.Update(request)))

    assert from_struct(kept.properties)["displayName"] == "New"
    assert from_struct(kept.inputs)["displayName"] == "Old"


def test_a_protected_service_is_not_deleted(stage: Stage) -> None:
    properties = to_struct({"deletionProtection": True})
    with google(stage) as stub:
        request = pb.DeleteRequest(id="projects/p/locations/l/services/s", urn=_SERVICE, properties=properties)
        error: Any = refused(lambda: stub.Delete(request))

    assert "without setting deletionProtection to false" in error.details()
    assert stage.server.sent == []


def test_cancelling_ends_the_wait_for_an_operation(stage: Stage) -> None:
    service, operation = "projects/p/locations/l/services/s", {"name": "projects/p/locations/l/operations/o"}
    started = exchange("DELETE", f"/v2/{service}", 200, operation, query={"alt": "json"})
    running = exchange("GET", f"/v2/{operation['name']}", 200, operation, query={"alt": "json"})
    with google(stage, started, running) as stub:
        deletion = stub.Delete.future(pb.DeleteRequest(id=service, urn=_SERVICE, properties=to_struct({})))
        stage.server.wait_for_request(running["path"], seconds=10)
        stub.Cancel(Empty())
        error: Any = deletion.exception(timeout=10)

    assert "was not waited for any longer" in error.details()
