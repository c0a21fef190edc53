"""A provider plugin on the gRPC service that Pulumi's engine speaks to.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
"""
# ruff: noqa: N802, ARG002  # the methods' names and signatures are the engine's

import json
import ssl
from importlib.metadata import version
from typing import Any

from google.protobuf.empty_pb2 import Empty
from grpc import ServicerContext, StatusCode
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal.stand_in_plugins.description import ResourceType
from rehearsal.stand_in_plugins.difference import difference
from rehearsal.stand_in_plugins.failure import telling
from rehearsal.stand_in_plugins.lifecycle import Lifecycle
from rehearsal.stand_in_plugins.planning import checked, concealed, imported, planned, refreshed, unknown_names
from rehearsal.stand_in_plugins.properties import UNKNOWN, from_struct, sealed, to_struct
from rehearsal.stand_in_plugins.vendors import Vendor

_STRANGE = (
    "The stand-in plugin does not know {path}: describe it in rehearsal/stand_in_plugins, or use the released plugin."
)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """A stand-in for one vendor's plugin, which declares what the vendor's descriptions say and nothing else."""

    def __init__(self, vendor: Vendor, tls: ssl.SSLContext | None) -> None:
        """Wait for the engine to configure it; ``tls`` is what to trust, None being SSL_CERT_FILE or the system."""
        self._vendor = vendor
        self._tls = tls
        self._lifecycles: list[Lifecycle] = []

    @property
    def _lifecycle(self) -> Lifecycle:
        return self._lifecycles[-1]

    def close(self) -> None:
        """Stop waiting for anything, and close the connections to the emulator."""
        for lifecycle in self._lifecycles:
            lifecycle.api.close()

    def _kind(self, urn: str, context: ServicerContext) -> ResourceType:
        token = urn.split("::")[2].rpartition("$")[2]
        kind = self._vendor.resources.get(token)
        if kind is None:
            context.abort(StatusCode.UNIMPLEMENTED, f"The stand-in plugin has no resource type {token}.")
        return kind

    def Handshake(self, request: pb.ProviderHandshakeRequest, context: ServicerContext) -> pb.ProviderHandshakeResponse:
        """Answer as the released plugins do; the engine goes on without."""
        context.abort(StatusCode.UNIMPLEMENTED, "method Handshake not implemented")

    def Attach(self, request: plugin_pb2.PluginAttach, context: ServicerContext) -> Empty:
        """Take note that an engine is there, which it also does without."""
        return Empty()

    def GetPluginInfo(self, request: Empty, context: ServicerContext) -> plugin_pb2.PluginInfo:
        """Go by the version of the SDK beside which it runs."""
        return plugin_pb2.PluginInfo(version=version(self._vendor.package))

    def CheckConfig(self, request: pb.CheckRequest, context: ServicerContext) -> pb.CheckResponse:
        """Return the configuration with its secrets sealed and its JSON in one spelling."""
        inputs = from_struct(request.news)
        for name in self._vendor.secrets & inputs.keys():
            inputs[name] = sealed(inputs[name])
        if "batching" in inputs:
            inputs["batching"] = json.dumps(json.loads(inputs["batching"]), separators=(",", ":"))
        return pb.CheckResponse(inputs=to_struct(inputs))

    def DiffConfig(self, request: pb.DiffRequest, context: ServicerContext) -> pb.DiffResponse:
        """Say that no configuration calls for replacing anything."""
        return pb.DiffResponse()

    def Configure(self, request: pb.ConfigureRequest, context: ServicerContext) -> pb.ConfigureResponse:
        """Prepare to speak to the addresses given; refuse, in one sentence, any that is not on loopback."""
        try:
            lifecycle = self._vendor.configured(from_struct(request.args), self._tls)
        except ValueError as error:
            context.abort(StatusCode.INVALID_ARGUMENT, str(error))
        self._lifecycles.append(lifecycle)
        return pb.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    def Invoke(self, request: pb.InvokeRequest, context: ServicerContext) -> pb.InvokeResponse:
        """Answer a look-up."""
        look_up = self._vendor.look_ups.get(request.tok)
        if look_up is None:
            context.abort(StatusCode.UNIMPLEMENTED, f"The stand-in plugin has no function {request.tok}.")
        with telling(context, f"invoking {request.tok}"):
            found = self._lifecycle.look_up(look_up, from_struct(request.args))
        answer: dict[str, Any] = {"return": to_struct(found)}  # a keyword of Python's
        return pb.InvokeResponse(**answer)

    def Check(self, request: pb.CheckRequest, context: ServicerContext) -> pb.CheckResponse:
        """Fill in defaults and seal secrets; refuse properties that nobody described."""
        kind = self._kind(request.urn, context)
        news = from_struct(request.news)
        return pb.CheckResponse(
            inputs=to_struct(concealed(kind.fields, checked(kind.fields, news))),
            failures=[
                pb.CheckFailure(property=path, reason=_STRANGE.format(path=path))
                for path in unknown_names(kind.fields, news)
            ],
        )

    def Diff(self, request: pb.DiffRequest, context: ServicerContext) -> pb.DiffResponse:
        """Compare the state with the program."""
        kind = self._kind(request.urn, context)
        return difference(kind, from_struct(request.olds), from_struct(request.news))

    def Create(self, request: pb.CreateRequest, context: ServicerContext) -> pb.CreateResponse:
        """Make the resource, or say in a preview what it would be."""
        kind = self._kind(request.urn, context)
        news = from_struct(request.properties)
        if request.preview:
            plan = planned(kind.fields, None, news, self._lifecycle.config)
            return pb.CreateResponse(properties=to_struct(concealed(kind.fields, plan) | {"id": UNKNOWN}))
        with telling(context, f"creating {request.urn}", concealed(kind.fields, news)):
            identity, state = self._lifecycle.create(kind, news)
        return pb.CreateResponse(id=identity, properties=to_struct(concealed(kind.fields, state)))

    def Read(self, request: pb.ReadRequest, context: ServicerContext) -> pb.ReadResponse:
        """Return the resource as it is now, without an id when it is gone; an import brings nothing but the id."""
        kind = self._kind(request.urn, context)
        olds = from_struct(request.properties) or None
        with telling(context, f"refreshing {request.urn}"):
            state = self._lifecycle.read(kind, request.id, olds)
        if state is None:
            return pb.ReadResponse()
        inputs = from_struct(request.inputs)
        fresh = imported(kind.fields, state) if olds is None else refreshed(kind.fields, state, inputs)
        return pb.ReadResponse(
            id=request.id,
            properties=to_struct(concealed(kind.fields, state)),
            inputs=to_struct(concealed(kind.fields, fresh)),
        )

    def Update(self, request: pb.UpdateRequest, context: ServicerContext) -> pb.UpdateResponse:
        """Change the resource, or say in a preview what it would be: what is known stays known."""
        kind = self._kind(request.urn, context)
        olds, news = from_struct(request.olds), from_struct(request.news)
        if request.preview:
            plan = planned(kind.fields, olds, news, self._lifecycle.config)
            return pb.UpdateResponse(properties=to_struct(concealed(kind.fields, plan) | {"id": request.id}))
        changed = list(difference(kind, olds, news).diffs)
        with telling(context, f"updating {request.urn}", concealed(kind.fields, from_struct(request.old_inputs))):
            state = self._lifecycle.update(kind, request.id, olds, news, changed=changed)
        return pb.UpdateResponse(properties=to_struct(concealed(kind.fields, state)))

    def Delete(self, request: pb.DeleteRequest, context: ServicerContext) -> Empty:
        """Take the resource away."""
        kind = self._kind(request.urn, context)
        with telling(context, f"deleting {request.urn}"):
            self._lifecycle.delete(kind, request.id, from_struct(request.properties))
        return Empty()

    def Cancel(self, request: Empty, context: ServicerContext) -> Empty:
        """Stop waiting: for operations, and between tries."""
        for lifecycle in self._lifecycles:
            lifecycle.api.cancelled.set()
        return Empty()
