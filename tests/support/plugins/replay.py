"""A recorded command, called again on the stand-in plugins."""

import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any

import grpc
from google.protobuf import json_format
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from rehearsal.stand_in_plugins import AUTH0, GOOGLE_CLOUD, serve_plugin
from tests.support.plugins.archives import replace_checksums
from tests.support.plugins.comparison import (
    ERRORS_NO_LONGER_ANSWERED,
    compare_answers,
    compare_requests,
    drop_empty_additions,
)
from tests.support.plugins.scripted_server import ScriptedServer, recorded_request
from tests.support.recordings import Json, load_scenario

_REQUESTS = {
    "CheckConfig": provider_pb2.CheckRequest,
    "DiffConfig": provider_pb2.DiffRequest,
}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A scripted server for both vendors, and what replaces the recordings' placeholders."""

    server: ScriptedServer
    tls: SSLContext
    placeholders: dict[str, str]


@dataclass
class Differences:
    """What differs from a recording: in the answers to the engine, and in the requests to the vendors."""

    answers: list[str] = field(default_factory=list[str])
    requests: list[str] = field(default_factory=list[str])


def replay_scenario(stage: Stage, name: str) -> Differences:
    """Make a scenario's calls in their order and compare everything with the recording."""
    scenario = load_scenario(name, replace_checksums() | stage.placeholders)
    stage.server.follow([recorded_request(exchange) for exchange in scenario.exchanges])
    differences = Differences()
    with ExitStack() as stack:
        ports = {
            plugin.name: stack.enter_context(serve_plugin(plugin, {}, stage.tls)) for plugin in (AUTH0, GOOGLE_CLOUD)
        }
        channels = {name: grpc.insecure_channel(f"127.0.0.1:{port}") for name, port in ports.items()}
        stubs = {name: ResourceProviderStub(stack.enter_context(channel)) for name, channel in channels.items()}
        for call in scenario.calls:
            differences.answers += _compare(call, *_call(stubs[_plugin(call)], call))
    differences.requests += compare_requests(stage.server.sent, map(recorded_request, scenario.exchanges))
    return differences


def _plugin(call: Json) -> str:
    token = call["request"].get("tok") or call["request"]["type"]
    return "gcp" if "gcp" in token.split(":") else "auth0"


def _call(stub: ResourceProviderStub, call: Json) -> tuple[Any, str]:
    """Make a call and return its answer, or the error's text."""
    method = call["method"]
    kind = _REQUESTS.get(method) or getattr(provider_pb2, f"{method}Request")
    request = json_format.ParseDict(call["request"], kind(), ignore_unknown_fields=True)
    try:
        return json_format.MessageToDict(getattr(stub, method)(request)), ""
    except grpc.RpcError as error:
        return None, f"rpc error: code = Unknown desc = {error.details()}"


def _compare(call: Json, answer: Any, error: str) -> list[str]:  # noqa: ANN401  # JSON
    where = f"{call['method']} {call['request'].get('type') or call['request'].get('tok')}"
    expected_error = (call.get("errors") or [""])[0]
    if any(re.fullmatch(pattern, f"{where}: {expected_error}", re.DOTALL) for pattern in ERRORS_NO_LONGER_ANSWERED):
        return [] if answer == {} else [f"{where}: {error or answer!r} is not an empty answer"]
    if error != expected_error:
        return [f"{where}: {error!r} is not {expected_error!r}"]
    expected = drop_empty_additions(call["response"]) if call["method"] == "Diff" else call["response"]
    return list(compare_answers(where, answer, expected))
