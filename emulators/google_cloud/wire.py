"""JSON as Google writes and reads it."""

from datetime import datetime
from typing import Any, cast

JsonObject = dict[str, Any]


def rfc3339(moment: datetime) -> str:
    """Return a moment of UTC with microseconds and ``Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def without_nulls(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Leave out nulls, which mean "unset" in a request (https://protobuf.dev/programming-guides/json/)."""
    if isinstance(value, dict):
        members = cast("JsonObject", value).items()
        return {name: without_nulls(item) for name, item in members if item is not None}
    return [without_nulls(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value
