"""One recorded command, called anew on the stand-ins."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any

import grpc
from google.protobuf import json_format
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from rehearsal.stand_in_plugins.attaching import plugged
from rehearsal.stand_in_plugins.vendors import AUTH0, GCP
from tests.support.plugins.comparing import answer_differences, wire_differences, without_additions_of_nothing
from tests.support.plugins.recorded import Line, Scenario
from tests.support.plugins.scripted import ScriptedServer, recorded_request

_REQUESTS = {
    "CheckConfig": provider_pb2.CheckRequest,
    "DiffConfig": provider_pb2.DiffRequest,
}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where scenarios are replayed: a scripted server, and what to put in the places of the recordings' own."""

    server: ScriptedServer
    tls: SSLContext
    places: dict[str, str]


@dataclass
class Replay:
    """What came out differently: in the answers to the engine, and in the requests to the vendors."""

    answers: list[str] = field(default_factory=list[str])
    requests: list[str] = field(default_factory=list[str])


def replayed(stage: Stage, scenario: Scenario) -> Replay:
    """Make a scenario's calls in their order and compare everything with the recording."""
    stage.server.follow([recorded_request(exchange) for exchange in scenario.exchanges])
    replay = Replay()
    with ExitStack() as stack:
        ports = {vendor.name: stack.enter_context(plugged(vendor, stage.tls)) for vendor in (AUTH0, GCP)}
        channels = {name: grpc.insecure_channel(f"127.0.0.1:{port}") for name, port in ports.items()}
        stubs = {name: ResourceProviderStub(stack.enter_context(channel)) for name, channel in channels.items()}
        for call in scenario.calls:
            if vendor := _vendor(call):
                replay.answers += _differences(call, *_asked(stubs[vendor], call))
    replay.requests += wire_differences(stage.server.sent, map(recorded_request, scenario.exchanges))
    return replay


def _vendor(call: Line) -> str:
    """Tell whose plugin was called; the handshakes do not say, and are the same for both."""
    token = call["request"].get("tok") or call["request"].get("type", "")
    return next((name for name in ("auth0", "gcp") if name in token.split(":")), "")


def _asked(stub: ResourceProviderStub, call: Line) -> tuple[Any, str]:
    """Make a call and return its answer, or the error's text."""
    method = call["method"].partition(".")[2]
    kind = _REQUESTS.get(method) or getattr(provider_pb2, f"{method}Request")
    request = json_format.ParseDict(call["request"], kind(), ignore_unknown_fields=True)
    try:
        return json_format.MessageToDict(getattr(stub, method)(request)), ""
    except grpc.RpcError as error:
        return None, f"rpc error: code = Unknown desc = {error.details()}"


def _differences(call: Line, answer: Any, error: str) -> list[str]:  # noqa: ANN401  # JSON
    where = f"{call['method'].partition('.')[2]} {call['request'].get('type') or call['request'].get('tok')}"
    wanted = (call.get("errors") or [""])[0]
    if error != wanted:
        return [f"{where}: {error!r} is not {wanted!r}"]
    wanted = without_additions_of_nothing(call["response"]) if where.startswith("Diff ") else call["response"]
    return list(answer_differences(where, answer, wanted))
