"""A provider plugin with one resource type, on the gRPC service that Pulumi's engine calls.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
"""
# ruff: noqa: N802, ARG002  # the methods' names and signatures are the engine's

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NoReturn, cast

import grpc
from google.protobuf import any_pb2, json_format, struct_pb2
from google.protobuf.empty_pb2 import Empty
from grpc import ServicerContext
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from clerk.connection import Credentials, InstanceRef, disable, enable, read_redirect_uri, read_status
from clerk.platform_api import AnswerLostError, ClerkError, NotFoundError, PlatformApi

Properties = dict[str, Any]
_REPLACING = frozenset({"application", "instance"})
_UPDATING = frozenset({"clientKey", "clientSecret"})
_SECRETS = frozenset({"clientSecret", "platformKey"})
# https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # a public signature


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Enables and disables TikTok in a Clerk instance; a preview asks Clerk with a dry run."""

    _api: PlatformApi  # from Configure, which the engine calls first

    def Handshake(self, request: pb.ProviderHandshakeRequest, context: ServicerContext) -> pb.ProviderHandshakeResponse:
        return pb.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: plugin_pb2.PluginAttach, context: ServicerContext) -> Empty:
        return Empty()

    def GetPluginInfo(self, request: Empty, context: ServicerContext) -> plugin_pb2.PluginInfo:
        """Return the plugin's version, which the engine demands."""
        return plugin_pb2.PluginInfo(version="0.1.0")

    def CheckConfig(self, request: pb.CheckRequest, context: ServicerContext) -> pb.CheckResponse:
        """Return the configuration with its secrets marked."""
        return pb.CheckResponse(inputs=to_struct(from_struct(request.news)))

    def DiffConfig(self, request: pb.DiffRequest, context: ServicerContext) -> pb.DiffResponse:
        """Replace nothing, whatever the configuration is."""
        return pb.DiffResponse()

    def Configure(self, request: pb.ConfigureRequest, context: ServicerContext) -> pb.ConfigureResponse:
        config = from_struct(request.args)
        self._api = PlatformApi(config["origin"], config["platformKey"])
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: pb.CheckRequest, context: ServicerContext) -> pb.CheckResponse:
        """Return the inputs with their secrets marked; clerk/settings.py has checked them."""
        return pb.CheckResponse(inputs=to_struct(from_struct(request.news)))

    def Diff(self, request: pb.DiffRequest, context: ServicerContext) -> pb.DiffResponse:
        """Compare state and program; another instance is another connection."""
        olds, news = from_struct(request.olds), from_struct(request.news)
        changed = sorted(name for name in _REPLACING | _UPDATING if olds.get(name) != news.get(name))
        return pb.DiffResponse(
            changes=pb.DiffResponse.DIFF_SOME if changed else pb.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=[name for name in changed if name in _REPLACING],
            detailedDiff={name: pb.PropertyDiff(kind=_kind(name)) for name in changed},
            hasDetailedDiff=True,
        )

    def Create(self, request: pb.CreateRequest, context: ServicerContext) -> pb.CreateResponse:
        """Enable TikTok; a preview only asks whether Clerk would. After a lost answer the state keeps the resource."""
        news = from_struct(request.properties)
        ref, adopt = InstanceRef(news["application"], news["instance"]), bool(news["adopt"])
        with errors_as_grpc_status(context):
            state = {**news, "callback": read_redirect_uri(self._api, ref)}
            try:
                enable(self._api, ref, _credentials(news), dry_run=request.preview, adopt=adopt)
            except AnswerLostError as lost:
                if request.preview:
                    raise
                abort_partial(context, ref.id, state, news, str(lost))
        return pb.CreateResponse(id="" if request.preview else ref.id, properties=to_struct(state))

    def Update(self, request: pb.UpdateRequest, context: ServicerContext) -> pb.UpdateResponse:
        """Set the credentials; a preview only asks whether Clerk would accept them."""
        news, ref = from_struct(request.news), InstanceRef.from_id(request.id)
        with errors_as_grpc_status(context):
            enable(self._api, ref, _credentials(news), dry_run=request.preview, adopt=True)
            state = {**news, "callback": read_redirect_uri(self._api, ref)}
        return pb.UpdateResponse(properties=to_struct(state))

    def Read(self, request: pb.ReadRequest, context: ServicerContext) -> pb.ReadResponse:
        """Return what Clerk has, or no id if TikTok is disabled; Clerk redacts the secret, so the state's stays."""
        ref = InstanceRef.from_id(request.id)
        with errors_as_grpc_status(context):
            try:
                status, redirect_uri = read_status(self._api, ref), read_redirect_uri(self._api, ref)
            except NotFoundError:
                return pb.ReadResponse()
        if not status.enabled:
            return pb.ReadResponse()
        read = {"clientKey": status.client_key}
        return pb.ReadResponse(
            id=request.id,
            properties=to_struct({**from_struct(request.properties), **read, "callback": redirect_uri}),
            inputs=to_struct({**from_struct(request.inputs), **read}),
        )

    def Delete(self, request: pb.DeleteRequest, context: ServicerContext) -> Empty:
        with errors_as_grpc_status(context):
            disable(self._api, InstanceRef.from_id(request.id))
        return Empty()

    def Cancel(self, request: Empty, context: ServicerContext) -> Empty:
        """Do nothing: each call ends soon by itself."""
        return Empty()


def _credentials(news: Properties) -> Credentials:
    return Credentials(news["clientKey"], news["clientSecret"])


def _kind(name: str) -> Any:  # noqa: ANN401  # the stubs' enumerations are untyped
    return pb.PropertyDiff.Kind.Value("UPDATE_REPLACE" if name in _REPLACING else "UPDATE")


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Return the properties in ``struct``, with secrets as plain values."""
    return {name: _plain(value) for name, value in json_format.MessageToDict(struct).items()}


def _plain(value: Any) -> Any:  # noqa: ANN401  # JSON of any form
    if not isinstance(value, dict):
        return value
    wrapped = cast("Properties", value)
    return wrapped["value"] if wrapped.get(_SIGNATURE) == _SECRET else wrapped


def to_struct(properties: Properties) -> struct_pb2.Struct:
    """Return ``properties`` for gRPC, with secrets marked as the engine expects."""
    struct = struct_pb2.Struct()
    for name, value in properties.items():
        struct.update({name: {_SIGNATURE: _SECRET, "value": value} if name in _SECRETS else value})
    return struct


@contextmanager
def errors_as_grpc_status(context: ServicerContext) -> Generator[None]:
    """Abort the call with the message of a ``ClerkError`` that is raised inside the block."""
    try:
        yield
    except ClerkError as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))


def abort_partial(
    context: ServicerContext, identity: str, state: Properties, inputs: Properties, reason: str
) -> NoReturn:
    """Fail, but keep the resource in the state, so that the next update continues with it."""
    detail = any_pb2.Any()
    detail.Pack(
        pb.ErrorResourceInitFailed(id=identity, properties=to_struct(state), reasons=[reason], inputs=to_struct(inputs))
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)
