"""A provider plugin with one resource type, on the gRPC service that Pulumi's engine speaks to.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
"""
# ruff: noqa: N802, ARG002  # the methods' names and signatures are the engine's

from typing import Any

from google.protobuf.empty_pb2 import Empty
from grpc import ServicerContext
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from clerk.connection import Credentials, Place, callback, found, turn_off, turn_on
from clerk.platform_api import AnswerLost, NotFound, PlatformApi
from clerk.wire import Properties, from_struct, half_done, telling, to_struct


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Turns TikTok on and off in a Clerk instance; a preview asks Clerk by a dry run whether that would work."""

    _api: PlatformApi  # from Configure, which the engine calls before whatever asks Clerk

    def Handshake(self, request: pb.ProviderHandshakeRequest, context: ServicerContext) -> pb.ProviderHandshakeResponse:
        """Want nothing of the engine but what ``Configure`` says."""
        return pb.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: plugin_pb2.PluginAttach, context: ServicerContext) -> Empty:
        """Take note that an engine is there, which it also does without."""
        return Empty()

    def GetPluginInfo(self, request: Empty, context: ServicerContext) -> plugin_pb2.PluginInfo:
        """Have a version, as plugins must; nobody asks for a certain one."""
        return plugin_pb2.PluginInfo(version="0.1.0")

    def CheckConfig(self, request: pb.CheckRequest, context: ServicerContext) -> pb.CheckResponse:
        """Take the configuration as it is, its secrets sealed."""
        return pb.CheckResponse(inputs=to_struct(from_struct(request.news)))

    def DiffConfig(self, request: pb.DiffRequest, context: ServicerContext) -> pb.DiffResponse:
        """Say that no configuration calls for replacing anything."""
        return pb.DiffResponse()

    def Configure(self, request: pb.ConfigureRequest, context: ServicerContext) -> pb.ConfigureResponse:
        """Prepare to speak to Clerk."""
        config = from_struct(request.args)
        self._api = PlatformApi(config["origin"], config["platformKey"])
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: pb.CheckRequest, context: ServicerContext) -> pb.CheckResponse:
        """Take the inputs as they are: clerk/settings.py has checked them."""
        return pb.CheckResponse(inputs=to_struct(from_struct(request.news)))

    def Diff(self, request: pb.DiffRequest, context: ServicerContext) -> pb.DiffResponse:
        """Compare what was deployed with the program; another instance is another connection."""
        olds, news = from_struct(request.olds), from_struct(request.news)
        kinds = {"application": "UPDATE_REPLACE", "instance": "UPDATE_REPLACE", "clientKey": "UPDATE"}
        kinds["clientSecret"] = "UPDATE"
        changed = {name: kind for name, kind in kinds.items() if olds.get(name) != news.get(name)}
        return pb.DiffResponse(
            changes=pb.DiffResponse.DIFF_SOME if changed else pb.DiffResponse.DIFF_NONE,
            diffs=list(changed),
            replaces=[name for name, kind in changed.items() if kind == "UPDATE_REPLACE"],
            detailedDiff={name: pb.PropertyDiff(kind=_kind(kind)) for name, kind in changed.items()},
            hasDetailedDiff=True,
        )

    def Create(self, request: pb.CreateRequest, context: ServicerContext) -> pb.CreateResponse:
        """Turn TikTok on, or ask Clerk in a preview whether it would; where the answer is lost the state keeps it."""
        news = from_struct(request.properties)
        place, adopt = Place(news["application"], news["instance"]), bool(news["adopt"])
        with telling(context):
            state = {**news, "callback": callback(self._api, place)}
            try:
                self._turn_on(place, news, dry_run=request.preview, unless_on=not adopt)
            except AnswerLost as lost:
                if request.preview:
                    raise
                half_done(context, place.id, state, news, str(lost))
        return pb.CreateResponse(id="" if request.preview else place.id, properties=to_struct(state))

    def Update(self, request: pb.UpdateRequest, context: ServicerContext) -> pb.UpdateResponse:
        """Set the credentials, or ask Clerk in a preview whether it would take them."""
        news, place = from_struct(request.news), Place.from_id(request.id)
        with telling(context):
            self._turn_on(place, news, dry_run=request.preview, unless_on=False)
            state = {**news, "callback": callback(self._api, place)}
        return pb.UpdateResponse(properties=to_struct(state))

    def Read(self, request: pb.ReadRequest, context: ServicerContext) -> pb.ReadResponse:
        """Return how TikTok is set, without an id where it is off; Clerk hides the secret, which stays as deployed."""
        state, inputs, place = from_struct(request.properties), from_struct(request.inputs), Place.from_id(request.id)
        with telling(context):
            try:
                now, redirect_uri = found(self._api, place), callback(self._api, place)
            except NotFound:
                return pb.ReadResponse()
        if not now.on:
            return pb.ReadResponse()
        drifted = {"clientKey": now.client_key}
        return pb.ReadResponse(
            id=request.id,
            properties=to_struct({**state, **drifted, "callback": redirect_uri}),
            inputs=to_struct({**inputs, **drifted}),
        )

    def Delete(self, request: pb.DeleteRequest, context: ServicerContext) -> Empty:
        """Turn TikTok off."""
        with telling(context):
            turn_off(self._api, Place.from_id(request.id))
        return Empty()

    def Cancel(self, request: Empty, context: ServicerContext) -> Empty:
        """Let what is under way end by itself: no call takes long."""
        return Empty()

    def _turn_on(self, place: Place, news: Properties, *, dry_run: bool, unless_on: bool) -> None:
        credentials = Credentials(news["clientKey"], news["clientSecret"])
        turn_on(self._api, place, credentials, dry_run=dry_run, unless_on=unless_on)


def _kind(name: str) -> Any:  # noqa: ANN401  # the stubs' enumerations are untyped
    return pb.PropertyDiff.Kind.Value(name)
