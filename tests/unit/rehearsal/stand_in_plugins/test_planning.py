"""What the recordings do not show of checks and diffs."""

from typing import Any

from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal.stand_in_plugins.properties import UNKNOWN, Properties, from_struct, to_struct
from tests.support.plugins.configured import CONNECTION, INPUTS, OPTIONS, SERVICE, auth0_plugin, gcp_plugin, script
from tests.support.plugins.replay import Stage

_EMPTY: Properties = {"authParams": {}, "configuration": {}, "customScripts": {}}


def test_a_property_without_a_description_is_refused_by_name(stage: Stage) -> None:
    news = to_struct({**INPUTS, "options": {**OPTIONS, "waadProtocol": "openid"}})
    with auth0_plugin(stage) as stub:
        answer = stub.Check(pb.CheckRequest(urn=CONNECTION, news=news))

    assert [failure.property for failure in answer.failures] == ["options.waadProtocol"]


def diff(stub: Any, urn: str, olds: Properties, news: Properties) -> dict[str, str]:  # noqa: ANN401  # half typed
    """Return the detailed diff between a state and inputs."""
    answer = stub.Diff(pb.DiffRequest(urn=urn, id="id", olds=to_struct(olds), news=to_struct(news)))
    return {path: pb.PropertyDiff.Kind.Name(change.kind) for path, change in answer.detailedDiff.items()}


def test_scopes_that_a_connection_did_not_have_are_added(stage: Stage) -> None:
    news = {**INPUTS, "options": {**OPTIONS, "scopes": ["user.info.basic"]}}
    with auth0_plugin(stage) as stub:
        refreshed = diff(stub, CONNECTION, {**INPUTS, "options": {**OPTIONS, **_EMPTY}}, news)
        created = diff(stub, CONNECTION, INPUTS, news)
        unchanged = diff(stub, CONNECTION, INPUTS, INPUTS)

    assert refreshed == {"options.scopes": "ADD"}
    assert created == {"options.scopes": "ADD", **{f"options.{name}": "ADD" for name in _EMPTY}}
    assert unchanged == {}


def test_a_script_that_is_not_known_yet_is_one_change(stage: Stage) -> None:
    olds, news = (
        {**INPUTS, "options": {**OPTIONS, **_EMPTY, "scripts": {"fetchUserProfile": script}}}
        for script in ("function f() {}", UNKNOWN)
    )
    with auth0_plugin(stage) as stub:
        changes = diff(stub, CONNECTION, olds, news)

    assert changes == {"options.scripts": "UPDATE"}


def test_what_the_api_leaves_out_is_zero_in_the_state(stage: Stage) -> None:
    service = "projects/p/locations/l/services/s"
    document = {"name": service, "template": {"scaling": {"maxInstanceCount": 5}}, "scaling": {}}
    read = script("GET", f"/v2/{service}", 200, document, query={"alt": "json"})
    with gcp_plugin(stage, read) as stub:
        state = from_struct(stub.Read(pb.ReadRequest(id=service, urn=SERVICE)).properties)
        changes = diff(stub, SERVICE, state, {**state, "invokerIamDisabled": True, "scaling": {"minInstanceCount": 1}})

    assert state["invokerIamDisabled"] is False
    assert state["template"] == {
        "annotations": {},
        "labels": {},
        "scaling": {"maxInstanceCount": 5, "minInstanceCount": 0},
    }
    assert changes == {"invokerIamDisabled": "UPDATE", "scaling.minInstanceCount": "UPDATE"}
