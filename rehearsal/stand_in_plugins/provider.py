"""A provider plugin on the gRPC service that Pulumi's engine calls.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
"""
# ruff: noqa: N802, ARG002  # the methods' names and signatures are the engine's

import json
import ssl
from collections.abc import Callable, Generator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, NoReturn

from google.protobuf import any_pb2
from google.protobuf.empty_pb2 import Empty
from grpc import ServicerContext, StatusCode
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal.stand_in_plugins.configuration import read_variables
from rehearsal.stand_in_plugins.description import Function, ResourceType
from rehearsal.stand_in_plugins.http_client import ApiError
from rehearsal.stand_in_plugins.lifecycle import Lifecycle, PartialFailureError
from rehearsal.stand_in_plugins.planning import check_inputs, diff_resource, find_undescribed, plan_state
from rehearsal.stand_in_plugins.properties import UNKNOWN, Properties, from_struct, to_struct, wrap_secret
from rehearsal.stand_in_plugins.translation import import_inputs, mark_secrets, refresh_inputs

_UNDESCRIBED = (
    "The stand-in plugin does not know {path}: describe it in rehearsal/stand_in_plugins, or use the released plugin."
)
_GONE = (
    "Resource provider reported that the resource did not exist while {doing}.\n\n"
    "This is usually a result of the resource having been deleted outside of Pulumi, and can often be fixed by running "
    "`pulumi refresh` before updating."
)


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """One vendor's plugin: its resource types and functions, and how its configuration becomes a client."""

    name: str
    package: str  # the SDK's distribution; the plugin has its version
    resources: Mapping[str, ResourceType]
    functions: Mapping[str, Function]
    secrets: frozenset[str]  # of the configuration
    variables: Mapping[str, tuple[str, ...]]  # of the environment, for each setting
    kept_variables: frozenset[str]  # settings that the state keeps even if they come from the environment
    configure: Callable[[Properties, ssl.SSLContext | None], Lifecycle]


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """A stand-in for a vendor's plugin; it knows only what the plugin's descriptions contain."""

    def __init__(self, plugin: Plugin, tls: ssl.SSLContext | None, environment: Mapping[str, str]) -> None:
        self._plugin = plugin
        self._tls = tls
        self._environment = environment
        self._lifecycles: dict[str, Lifecycle] = {}

    def close(self) -> None:
        for lifecycle in self._lifecycles.values():
            lifecycle.api.close()

    def _lifecycle(self, context: ServicerContext) -> Lifecycle:
        """Return the client of the provider instance that calls.

        A program may have several instances of a provider. The engine starts a process of a released plugin for each,
        and attaches to this server by a connection for each. Nothing in most calls names the instance.
        https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/provider_plugin.go
        """
        if context.peer() not in self._lifecycles:
            context.abort(StatusCode.FAILED_PRECONDITION, "The provider was not configured on this connection.")
        return self._lifecycles[context.peer()]

    def _defaults(self, names: AbstractSet[str]) -> Properties:
        return read_variables({name: self._plugin.variables[name] for name in names}, self._environment)

    def _resource_type(self, urn: str, context: ServicerContext) -> ResourceType:
        token = urn.split("::")[2].rpartition("$")[2]
        kind = self._plugin.resources.get(token)
        if kind is None:
            context.abort(StatusCode.UNIMPLEMENTED, f"The stand-in plugin has no resource type {token}.")
        return kind

    def Handshake(self, request: pb.ProviderHandshakeRequest, context: ServicerContext) -> pb.ProviderHandshakeResponse:
        """Answer as the released plugins do; the engine goes on without it."""
        context.abort(StatusCode.UNIMPLEMENTED, "method Handshake not implemented")

    def Attach(self, request: plugin_pb2.PluginAttach, context: ServicerContext) -> Empty:
        return Empty()

    def GetPluginInfo(self, request: Empty, context: ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=version(self._plugin.package))

    def CheckConfig(self, request: pb.CheckRequest, context: ServicerContext) -> pb.CheckResponse:
        """Return the configuration with its secrets marked and its JSON compact, as the released plugins do."""
        inputs = self._defaults(self._plugin.kept_variables) | from_struct(request.news)
        for name in self._plugin.secrets & inputs.keys():
            inputs[name] = wrap_secret(inputs[name])
        if "batching" in inputs:
            inputs["batching"] = json.dumps(json.loads(inputs["batching"]), separators=(",", ":"))
        return pb.CheckResponse(inputs=to_struct(inputs))

    def DiffConfig(self, request: pb.DiffRequest, context: ServicerContext) -> pb.DiffResponse:
        """Answer that no change of configuration replaces resources."""
        return pb.DiffResponse()

    def Configure(self, request: pb.ConfigureRequest, context: ServicerContext) -> pb.ConfigureResponse:
        """Prepare a client; refuse, in one sentence, an address that is not on loopback."""
        try:
            config = self._defaults(self._plugin.variables.keys()) | from_struct(request.args)
            lifecycle = self._plugin.configure(config, self._tls)
        except ValueError as error:
            context.abort(StatusCode.INVALID_ARGUMENT, str(error))
        replaced = self._lifecycles.get(context.peer())
        self._lifecycles[context.peer()] = lifecycle
        if replaced:
            replaced.api.close()
        return pb.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    def Invoke(self, request: pb.InvokeRequest, context: ServicerContext) -> pb.InvokeResponse:
        function = self._plugin.functions.get(request.tok)
        if function is None:
            context.abort(StatusCode.UNIMPLEMENTED, f"The stand-in plugin has no function {request.tok}.")
        with _errors_as_grpc_status(context, f"invoking {request.tok}"):
            found = self._lifecycle(context).call(function, from_struct(request.args))
        answer: dict[str, Any] = {"return": to_struct(found)}  # a keyword of Python's
        return pb.InvokeResponse(**answer)

    def Check(self, request: pb.CheckRequest, context: ServicerContext) -> pb.CheckResponse:
        """Fill in defaults and mark secrets; refuse properties that are not described."""
        kind = self._resource_type(request.urn, context)
        news = from_struct(request.news)
        return pb.CheckResponse(
            inputs=to_struct(mark_secrets(kind.fields, check_inputs(kind.fields, news))),
            failures=[
                pb.CheckFailure(property=path, reason=_UNDESCRIBED.format(path=path))
                for path in find_undescribed(kind.fields, news)
            ],
        )

    def Diff(self, request: pb.DiffRequest, context: ServicerContext) -> pb.DiffResponse:
        kind = self._resource_type(request.urn, context)
        return diff_resource(kind, from_struct(request.olds), from_struct(request.news))

    def Create(self, request: pb.CreateRequest, context: ServicerContext) -> pb.CreateResponse:
        """Create the resource; in a preview, return the planned state."""
        kind = self._resource_type(request.urn, context)
        news = from_struct(request.properties)
        if request.preview:
            plan = plan_state(kind.fields, None, news, self._lifecycle(context).config)
            return pb.CreateResponse(properties=to_struct(mark_secrets(kind.fields, plan) | {"id": UNKNOWN}))
        with _errors_as_grpc_status(context, f"creating {request.urn}", mark_secrets(kind.fields, news)):
            resource_id, state = self._lifecycle(context).create(kind, news)
        return pb.CreateResponse(id=resource_id, properties=to_struct(mark_secrets(kind.fields, state)))

    def Read(self, request: pb.ReadRequest, context: ServicerContext) -> pb.ReadResponse:
        """Return the resource's state, without an id if it is gone; an import brings no properties."""
        kind = self._resource_type(request.urn, context)
        olds = from_struct(request.properties) or None
        with _errors_as_grpc_status(context, f"refreshing {request.urn}"):
            state = self._lifecycle(context).read(kind, request.id, olds)
        if state is None:
            return pb.ReadResponse()
        inputs = from_struct(request.inputs)
        fresh = import_inputs(kind.fields, state) if olds is None else refresh_inputs(kind.fields, state, inputs)
        return pb.ReadResponse(
            id=request.id,
            properties=to_struct(mark_secrets(kind.fields, state)),
            inputs=to_struct(mark_secrets(kind.fields, fresh)),
        )

    def Update(self, request: pb.UpdateRequest, context: ServicerContext) -> pb.UpdateResponse:
        """Change the resource; in a preview, return the planned state, in which known outputs stay known."""
        kind = self._resource_type(request.urn, context)
        olds, news = from_struct(request.olds), from_struct(request.news)
        if request.preview:
            plan = plan_state(kind.fields, olds, news, self._lifecycle(context).config)
            return pb.UpdateResponse(properties=to_struct(mark_secrets(kind.fields, plan) | {"id": request.id}))
        changed = list(diff_resource(kind, olds, news).diffs)
        inputs = mark_secrets(kind.fields, from_struct(request.old_inputs))
        with _errors_as_grpc_status(context, f"updating {request.urn}", inputs):
            state = self._lifecycle(context).update(kind, request.id, olds, news, changed=changed)
        return pb.UpdateResponse(properties=to_struct(mark_secrets(kind.fields, state)))

    def Delete(self, request: pb.DeleteRequest, context: ServicerContext) -> Empty:
        kind = self._resource_type(request.urn, context)
        with _errors_as_grpc_status(context, f"deleting {request.urn}"):
            self._lifecycle(context).delete(kind, request.id, from_struct(request.properties))
        return Empty()

    def Cancel(self, request: Empty, context: ServicerContext) -> Empty:
        """Stop waiting for operations and between tries. The engine cancels unconfigured instances too."""
        if lifecycle := self._lifecycles.get(context.peer()):
            lifecycle.api.cancelled.set()
        return Empty()


@contextmanager
def _errors_as_grpc_status(context: ServicerContext, doing: str, inputs: Properties | None = None) -> Generator[None]:
    """Turn an error in the block into the call's status; ``inputs`` goes with a partial failure."""
    try:
        yield
    except PartialFailureError as failure:
        _abort_partial(context, _format_error(doing, failure), failure, inputs or {})
    except ApiError as error:
        context.abort(StatusCode.UNKNOWN, _format_error(doing, error))
    except LookupError:
        context.abort(StatusCode.UNKNOWN, _GONE.format(doing=doing))


def _format_error(doing: str, error: Exception) -> str:
    return f"{doing}: 1 error occurred:\n\t* {error}\n\n"


def _abort_partial(
    context: ServicerContext, message: str, failure: PartialFailureError, inputs: Properties
) -> NoReturn:
    detail = any_pb2.Any()
    detail.Pack(
        pb.ErrorResourceInitFailed(
            id=failure.resource_id,
            properties=to_struct(failure.state),
            reasons=[message],
            inputs=to_struct(inputs),
        )
    )
    status = status_pb2.Status(code=StatusCode.UNKNOWN.value[0], message=message, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(StatusCode.UNKNOWN, message)
