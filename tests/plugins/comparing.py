"""What is compared between a recording and a stand-in, and what is not, each with its reason."""

import re
from collections.abc import Iterator
from typing import Any

SIGNATURE = "4dabf18193072939515e22adb298388d"

# Paths in answers (of gRPC), as regular expressions: what they match is left out of the comparison.
LEFT_OUT = {
    r".*__meta": "the Terraform bridge's bookkeeping (time-outs, schema version)",
    r".*__pulumi_raw_state_delta": "the same: how to turn Pulumi's state back into Terraform's",
}


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401  # whatever JSON can say
    """Say where our answer is not theirs; what they leave empty, and what is left out, may be missing from ours."""
    if any(re.fullmatch(pattern, path) for pattern in LEFT_OUT):
        return
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in ours.keys() | theirs.keys():
            yield from differences(ours.get(name), theirs.get(name), f"{path}.{name}" if path else name)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for place, (mine, yours) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(mine, yours, f"{path}[{place}]")
    elif ours != theirs and not (ours is None and empty(theirs)):
        yield f"{path}: {ours!r} is not {theirs!r}"


def empty(value: Any) -> bool:  # noqa: ANN401  # whatever JSON can say
    """Tell whether a value stands for nothing: Terraform has no other word for unset."""
    if isinstance(value, dict):
        return all(empty(item) for name, item in value.items() if name != SIGNATURE)
    return value in (None, "", 0, False) or value == []
