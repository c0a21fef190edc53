"""Failures as the engine wants them told: in the released plugins' words, and with the state that must be kept."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

import grpc
from google.protobuf.any_pb2 import Any
from pulumi.runtime.proto import provider_pb2, status_pb2

from rehearsal.stand_in_plugins.api import Refused
from rehearsal.stand_in_plugins.lifecycle import HalfDoneError
from rehearsal.stand_in_plugins.properties import Properties, to_struct

_GONE = (
    "Resource provider reported that the resource did not exist while {doing}.\n\n"
    "This is usually a result of the resource having been deleted outside of Pulumi, and can often be fixed by running "
    "`pulumi refresh` before updating."
)


@contextmanager
def telling(context: grpc.ServicerContext, doing: str, kept: Properties | None = None) -> Generator[None]:
    """Turn a refusal inside the block into the call's status; ``kept`` goes with a half-done resource."""
    try:
        yield
    except HalfDoneError as failure:
        _abort_half_done(context, _told(doing, failure), failure, kept or {})
    except Refused as refusal:
        context.abort(grpc.StatusCode.UNKNOWN, _told(doing, refusal))
    except LookupError:
        context.abort(grpc.StatusCode.UNKNOWN, _GONE.format(doing=doing))


def _told(doing: str, failure: Exception) -> str:
    return f"{doing}: 1 error occurred:\n\t* {failure}\n\n"


def _abort_half_done(
    context: grpc.ServicerContext, message: str, failure: HalfDoneError, inputs: Properties
) -> NoReturn:
    detail = Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=failure.identity,
            properties=to_struct(failure.state),
            reasons=[message],
            inputs=to_struct(inputs),
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, message)
