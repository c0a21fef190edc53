"""What the recordings do not show: refusals, retries and partial failures."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import status_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from rehearsal.stand_in_plugins import AUTH0, GOOGLE_CLOUD, serve_plugin
from rehearsal.stand_in_plugins.properties import SECRET, SIGNATURE, from_struct, to_struct
from tests.support.plugins.configured import (
    BUCKET,
    CONNECTION,
    INPUTS,
    SERVICE,
    TOKEN,
    auth0_plugin,
    configure_plugin,
    gcp_plugin,
    script,
)
from tests.support.plugins.replay import Stage

_CONNECTIONS = "/api/v2/connections"


def auth0_error(status: int, error: str) -> dict[str, Any]:
    return {"statusCode": status, "error": error, "message": "No"}


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
        with configure_plugin(AUTH0, stage, domain=domain):
            raise AssertionError("Configure accepted it.")

    error: Any = catch_error(configure)

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details().endswith("but a stand-in plugin connects to emulators on loopback only.")


@pytest.mark.parametrize("host", ["run.googleapis.com", "10.0.0.1"])
def test_an_endpoint_that_is_not_on_loopback_is_refused(stage: Stage, host: str) -> None:
    def configure() -> None:
        with configure_plugin(GOOGLE_CLOUD, stage, accessToken="token", cloudRunV2CustomEndpoint=f"https://{host}/v2/"):
            raise AssertionError("Configure accepted it.")

    error: Any = catch_error(configure)

    assert error.details().startswith("gcp:cloudRunV2CustomEndpoint is ")
    assert error.details().endswith("but a stand-in plugin connects to emulators on loopback only.")


def test_a_missing_endpoint_does_not_become_googles_own(stage: Stage) -> None:
    bucket = pb.CreateRequest(urn=BUCKET, properties=to_struct({"name": "b", "location": "EU"}))
    with gcp_plugin(stage) as stub:
        error: Any = catch_error(lambda: stub.Create(bucket))

    assert "storageCustomEndpoint is not set, and a stand-in plugin connects to emulators only" in error.details()


def test_a_token_is_requested_with_a_form_if_basic_is_refused(stage: Stage) -> None:
    client = script("GET", "/api/v2/clients/app", 200, {"client_id": "app", "name": "App"})
    with auth0_plugin(
        stage, client, token=[script("POST", "/oauth/token", 401), script("POST", "/oauth/token", 200, TOKEN)]
    ) as stub:
        for _ in range(2):
            stub.Invoke(pb.InvokeRequest(tok="auth0:index/getClient:getClient", args=to_struct({"clientId": "app"})))

    tokens = [sent for sent in stage.server.sent if sent["path"] == "/oauth/token"]
    assert [sent["authorization"] for sent in tokens] == ["Basic", ""]
    assert tokens[1]["request_body"]["form"]["client_secret"] == "deployer secret"


def test_the_error_of_a_refused_token_holds_no_secret(stage: Stage) -> None:
    with auth0_plugin(stage, token=[script("POST", "/oauth/token", 401, {"error": "access_denied"})]) as stub:
        error: Any = catch_error(lambda: stub.Create(pb.CreateRequest(urn=CONNECTION, properties=to_struct(INPUTS))))

    assert "oauth2: cannot fetch token: 401" in error.details()
    assert "deployer" not in error.details()


def test_a_server_error_of_auth0_is_tried_three_times(stage: Stage) -> None:
    with auth0_plugin(stage, script("POST", _CONNECTIONS, 503, auth0_error(503, "Service Unavailable"))) as stub:
        error: Any = catch_error(lambda: stub.Create(pb.CreateRequest(urn=CONNECTION, properties=to_struct(INPUTS))))

    assert error.details() == f"creating {CONNECTION}: 1 error occurred:\n\t* 503 Service Unavailable: No\n\n"
    assert [sent["path"] for sent in stage.server.sent].count(_CONNECTIONS) == 3


def test_a_rate_limit_is_waited_for_until_it_resets(stage: Stage) -> None:
    reset = time.time() + 0.5
    limited = script(
        "POST",
        _CONNECTIONS,
        429,
        auth0_error(429, "Too Many Requests"),
        response_headers={"X-RateLimit-Reset": str(reset)},
    )
    created = script("POST", _CONNECTIONS, 201, {"id": "con_1", **INPUTS})
    with auth0_plugin(
        stage, limited, created, script("GET", f"{_CONNECTIONS}/con_1", 200, {"id": "con_1", **INPUTS})
    ) as stub:
        stub.Create(pb.CreateRequest(urn=CONNECTION, properties=to_struct(INPUTS)))

    assert time.time() >= reset
    assert [sent["method"] for sent in stage.server.sent if sent["path"] == _CONNECTIONS] == ["POST", "POST"]


def test_a_connection_that_cannot_be_read_after_its_creation_is_kept_with_its_secret_marked(
    stage: Stage,
) -> None:
    created = script("POST", _CONNECTIONS, 201, {"id": "con_1", **INPUTS})
    with auth0_plugin(
        stage, created, script("GET", f"{_CONNECTIONS}/con_1", 403, auth0_error(403, "Forbidden"))
    ) as stub:
        kept = partial_failure(
            catch_error(lambda: stub.Create(pb.CreateRequest(urn=CONNECTION, properties=to_struct(INPUTS))))
        )

    marked = {SIGNATURE: SECRET, "value": "s3cr3t"}
    assert kept.id == "con_1"
    assert json_format.MessageToDict(kept.properties)["options"]["clientSecret"] == marked
    assert json_format.MessageToDict(kept.inputs)["options"]["clientSecret"] == marked


def test_a_refused_update_keeps_the_new_state_and_the_old_inputs(stage: Stage) -> None:
    olds = to_struct({"id": "con_1", **INPUTS, "displayName": "Old"})
    request = pb.UpdateRequest(
        id="con_1", urn=CONNECTION, olds=olds, old_inputs=olds, news=to_struct({**INPUTS, "displayName": "New"})
    )
    with auth0_plugin(stage, script("PATCH", f"{_CONNECTIONS}/con_1", 403, auth0_error(403, "Forbidden"))) as stub:
        kept = partial_failure(catch_error(lambda: stub.Update(request)))

    assert from_struct(kept.properties)["displayName"] == "New"
    assert from_struct(kept.inputs)["displayName"] == "Old"


def test_a_protected_service_is_not_deleted(stage: Stage) -> None:
    properties = to_struct({"deletionProtection": True})
    with gcp_plugin(stage) as stub:
        request = pb.DeleteRequest(id="projects/p/locations/l/services/s", urn=SERVICE, properties=properties)
        error: Any = catch_error(lambda: stub.Delete(request))

    assert "without setting deletionProtection to false" in error.details()
    assert stage.server.sent == []


def test_cancel_ends_the_wait_for_an_operation(stage: Stage) -> None:
    service, operation = "projects/p/locations/l/services/s", {"name": "projects/p/locations/l/operations/o"}
    started = script("DELETE", f"/v2/{service}", 200, operation, query={"alt": "json"})
    running = script("GET", f"/v2/{operation['name']}", 200, operation, query={"alt": "json"})
    with gcp_plugin(stage, started, running) as stub:
        deletion = stub.Delete.future(pb.DeleteRequest(id=service, urn=SERVICE, properties=to_struct({})))
        stage.server.wait_for_request(running["path"], seconds=10)
        stub.Cancel(Empty())
        error: Any = deletion.exception(timeout=10)

    assert "stopped waiting for" in error.details()


def test_each_connection_of_the_engine_is_a_provider_of_its_own(stage: Stage) -> None:
    own_socket = [("grpc.use_local_subchannel_pool", 1)]
    urn = "urn:pulumi:dev::tk::gcp:serviceaccount/account:Account::proxy"
    account = pb.CreateRequest(urn=urn, properties=to_struct({"accountId": "proxy"}), preview=True)
    with ExitStack() as stack:
        address = f"127.0.0.1:{stack.enter_context(serve_plugin(GOOGLE_CLOUD, {}, stage.tls))}"
        channels = [stack.enter_context(grpc.insecure_channel(address, own_socket)) for _ in range(3)]
        stubs: list[Any] = [ResourceProviderStub(channel) for channel in channels]  # whose types are half unknown
        one, two, unconfigured = stubs
        for stub, project in ((one, "project-1"), (two, "project-2")):
            stub.Configure(pb.ConfigureRequest(args=to_struct({"project": project, "accessToken": "token"})))

        emails = [from_struct(stub.Create(account).properties)["email"] for stub in (one, two)]
        error: Any = catch_error(lambda: unconfigured.Create(account))

    assert emails == [f"proxy@{project}.iam.gserviceaccount.com" for project in ("project-1", "project-2")]
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
