"""What crosses gRPC between Pulumi's engine and the plugin: properties with their secrets, and failures."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NoReturn, cast

import grpc
from google.protobuf import any_pb2, json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from clerk.platform_api import ClerkError

Properties = dict[str, Any]
_SECRETS = ("clientSecret", "platformKey")
# https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # a public signature


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Return the properties in ``struct``, each secret without its envelope."""
    return {name: _bare(value) for name, value in json_format.MessageToDict(struct).items()}


def _bare(value: Any) -> Any:  # noqa: ANN401  # JSON of any form
    if not isinstance(value, dict):
        return value
    envelope = cast("Properties", value)
    return envelope["value"] if envelope.get(_SIGNATURE) == _SECRET else envelope


def to_struct(properties: Properties) -> struct_pb2.Struct:
    """Return ``properties`` as gRPC carries them, with secrets in the envelope by which the engine knows them."""
    struct = struct_pb2.Struct()
    for name, value in properties.items():
        struct.update({name: {_SIGNATURE: _SECRET, "value": value} if name in _SECRETS else value})
    return struct


@contextmanager
def telling(context: grpc.ServicerContext) -> Generator[None]:
    """Turn a ``ClerkError`` inside the block into the call's status, in its own words."""
    try:
        yield
    except ClerkError as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))


def half_done(
    context: grpc.ServicerContext, identity: str, state: Properties, inputs: Properties, reason: str
) -> NoReturn:
    """Fail in a way that leaves the resource in the state, so that the next update goes on with it."""
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=identity, properties=to_struct(state), reasons=[reason], inputs=to_struct(inputs)
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)
