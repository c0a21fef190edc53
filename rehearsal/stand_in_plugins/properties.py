"""Properties as they cross gRPC: plain JSON values, with Pulumi's signatures for secrets, assets and unknowns.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
clerk/ has a copy of what it needs: it may not import the rehearsal, nor may this package import it.
"""

from typing import Any, TypeAlias, TypeGuard

from google.protobuf import json_format, struct_pb2

Value: TypeAlias = Any  # any JSON value
Properties: TypeAlias = dict[str, Value]

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # a public signature
ASSET = "c44067f5952c0a294b673a41bacd8c17"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
DEFAULTS = "__defaults"


def is_object(value: Value) -> TypeGuard[Properties]:
    return isinstance(value, dict)


def is_array(value: Value) -> TypeGuard[list[Value]]:
    return isinstance(value, list)


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Return the properties in ``struct`` without secret envelopes, whole numbers as integers."""
    return _unwrap(json_format.MessageToDict(struct))


def to_struct(properties: Properties) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct


def wrap_secret(value: Value) -> Properties:
    """Return ``value`` in the envelope that makes the engine encrypt it."""
    return {SIGNATURE: SECRET, "value": value}


def comparison_key(value: Value) -> Value:
    """Return what two values are compared by: an asset's hash, any other value itself."""
    if is_object(value) and value.get(SIGNATURE) == ASSET:
        return value.get("hash")
    return value


def _unwrap(value: Value) -> Value:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if is_array(value):
        return [_unwrap(item) for item in value]
    if not is_object(value):
        return value
    if value.get(SIGNATURE) == SECRET:
        return _unwrap(value.get("value"))
    return {key: _unwrap(item) for key, item in value.items()}
