"""Validate request bodies by JSON Schema, and refuse them in Auth0's words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from starlette.requests import Request

from emulators.auth0.errors import ManagementError, NotEmulatedError
from emulators.auth0.state import State

_SCHEMAS: dict[str, Any] = json.loads(Path(__file__).with_name("payloads.json").read_text("utf-8"))
_TYPES: dict[type[object], str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
}
_formats = FormatChecker(())


@_formats.checks("absolute-uri-or-empty")
def _absolute_or_empty(value: object) -> bool:
    return not isinstance(value, str) or not value or bool(urlsplit(value).scheme)


async def read_payload(request: Request[State], name: str) -> Any:  # noqa: ANN401  # JSON of the form that the schema gives
    """Return the body, validated by the schema ``name`` of payloads.json; an empty body is {}.

    A property that Auth0 documents and that is not emulated is a ``NotEmulatedError`` that names it.
    """
    body = await request.body()
    try:
        value: Any = json.loads(body or b"{}")
    except ValueError:
        raise _body_error("'Invalid JSON'") from None
    schema = {"$ref": f"#/$defs/{name}", **_SCHEMAS}
    for error in Draft202012Validator(schema, format_checker=_formats).iter_errors(value):  # pyright: ignore[reportUnknownMemberType]  # half typed
        if error.validator == "not":  # the schema "not_emulated"
            path = ".".join(map(str, error.absolute_path))
            raise NotEmulatedError(f"the property {path} of {request.method} {request.url.path}")
        raise _body_error(f"'{_what(error)}'{_where(error)}")
    return value


def _body_error(what: str) -> ManagementError:
    return ManagementError("invalid_body", f"Payload validation error: {what}.")


def _what(error: ValidationError) -> str:
    wording = _WORDINGS.get(str(error.validator))
    return wording(error) if wording else error.message


def _where(error: Any) -> str:  # noqa: ANN401  # jsonschema's errors are half typed
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path).lstrip(".")
    description = error.schema.get("description")
    return (f" on property {path}" + (f" ({description})" if description else "")) if path else ""


def _found(value: object) -> str:
    return "null" if value is None else _TYPES[type(value)]


def _expected(wanted: str | list[str]) -> str:
    return wanted if isinstance(wanted, str) else wanted[0]


def _unknown(error: Any) -> str:  # noqa: ANN401  # the same
    return ",".join(name for name in error.instance if name not in error.schema["properties"])


# The wording is z-schema's, which Auth0's answers quote (auth0/docs#9278, auth0/auth0-java#707).
_WORDINGS: dict[str, Callable[[Any], str]] = {
    "type": lambda e: f"Expected type {_expected(e.validator_value)} but found type {_found(e.instance)}",
    "enum": lambda e: f"No enum match for: {e.instance}",
    "pattern": lambda e: f"String does not match pattern {e.validator_value}: {e.instance}",
    "required": lambda e: f"Missing required property: {next(n for n in e.validator_value if n not in e.instance)}",
    "additionalProperties": lambda e: f"Additional properties not allowed: {_unknown(e)}",
    "minLength": lambda e: f"String is too short ({len(e.instance)} chars), minimum {e.validator_value}",
    "maxLength": lambda e: f"String is too long ({len(e.instance)} chars), maximum {e.validator_value}",
    "minItems": lambda e: f"Array is too short ({len(e.instance)}), minimum {e.validator_value}",
    "maxItems": lambda e: f"Array is too long ({len(e.instance)}), maximum {e.validator_value}",
    "format": lambda e: f"Object didn't pass validation for format {e.validator_value}: {e.instance}",
}
