"""Translate the schemas of Google's discovery documents to JSON Schema."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

Json = dict[str, Any]

_PATTERNS = {
    "int64": r"^-?\d+$",
    "uint64": r"^\d+$",
    "google-datetime": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
    "date-time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
    "google-duration": r"^-?\d+(\.\d+)?s$",
    "byte": r"^[A-Za-z0-9+/_-]*=*$",
}


def _object(node: Json) -> Json:
    members = {name: to_json_schema(schema) for name, schema in node.get("properties", {}).items()}
    others = to_json_schema(node["additionalProperties"]) if "additionalProperties" in node else False
    return {"type": "object", "properties": members, "additionalProperties": others}


def _string(node: Json) -> Json:
    pattern = _PATTERNS.get(node.get("format", ""))
    enum = {"enum": node["enum"]} if "enum" in node else {}
    return {"type": "string"} | ({"pattern": pattern} if pattern else {}) | enum


def to_json_schema(node: Json) -> Json:
    """Translate one schema, with unnamed fields forbidden."""
    if "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref']}"}
    match node["type"]:
        case "any":
            return {}
        case "object":
            return _object(node)
        case "array":
            return {"type": "array", "items": to_json_schema(node["items"])}
        case "string":
            return _string(node)
        case simple:
            return {"type": simple}


_documents: dict[str, Json] = {}


@cache
def _validator(document: str, schema: str) -> Draft202012Validator:
    definitions = {name: to_json_schema(node) for name, node in _documents[document].items()}
    return Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": definitions})


def validator(document: str, schema: str, schemas: Json) -> Draft202012Validator:
    """Return what validates against ``schema``, one of the ``schemas`` of ``document``."""
    _documents.setdefault(document, schemas)
    return _validator(document, schema)
