"""The facts of docs/package.md: the schema of the component package."""

import json
from typing import Any

from infra.package import PackageProvider


def facts() -> dict[str, Any]:
    """Return the template's variables."""
    schema = json.loads(PackageProvider().schema or "{}")
    return {
        "version": schema["version"],
        "components": {_bare(token): about for token, about in schema["resources"].items()},
        "types": {_bare(token): about for token, about in schema["types"].items()},
        "type_of": _type_of,
    }


def _bare(token: str) -> str:
    return token.rpartition(":")[2]


def _type_of(about: dict[str, Any]) -> str:
    """Return a property's type in words."""
    if "$ref" in about:
        return f"[{_bare(about['$ref'])}](#{_bare(about['$ref']).lower()})"
    if about["type"] == "array":
        return f"list of {_type_of(about['items'])}"
    if about["type"] == "object":
        return f"map to {_type_of(about['additionalProperties'])}"
    return about["type"]
