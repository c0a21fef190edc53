"""Compare what the emulated Google Cloud receives and answers with Google's discovery documents.

The documents are those inside google-api-python-client.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import unquote

from emulators.kit.recording import Exchange
from tests.support.schemas.discovery import validator

Json = dict[str, Any]

_DOCUMENTS = (
    "storage.v1",
    "run.v2",
    "iam.v1",
    "serviceusage.v1",
    "cloudresourcemanager.v1",
    "cloudbilling.v1",
    "cloudkms.v1",
    "monitoring.v3",
)
_UNIMPLEMENTED, _REFUSED_AS_INVALID = 501, 400
_OPERATION, _SERVICE = "GoogleLongrunningOperation", "GoogleCloudRunV2Service"


class Method(NamedTuple):
    """A method of a discovery document; ``media`` is "upload", "download" or empty."""

    document: str
    definition: Json
    media: str


@cache
def document(name: str) -> Json:
    """Return a discovery document, like ``run.v2``."""
    return json.loads((files("googleapiclient.discovery_cache") / f"documents/{name}.json").read_text("utf-8"))


def _methods(node: Json) -> Iterator[Json]:
    yield from node.get("methods", {}).values()
    for resource in node.get("resources", {}).values():
        yield from _methods(resource)


def _paths(name: str, definition: Json) -> Iterator[tuple[str, str]]:
    base = document(name)["servicePath"]
    path = f"/{base}{definition.get('flatPath', definition['path'])}"
    yield path, ""
    if definition.get("supportsMediaDownload"):
        yield f"/download{path}", "download"
    if "mediaUpload" in definition:
        yield definition["mediaUpload"]["protocols"]["simple"]["path"], "upload"


@cache
def _table() -> list[tuple[str, re.Pattern[str], Method]]:
    """Every method of every document, with the pattern of its path."""
    table: list[tuple[str, re.Pattern[str], Method]] = []
    for name in _DOCUMENTS:
        for definition in _methods(document(name)):
            for path, media in _paths(name, definition):
                pattern = "".join(
                    "[^/:]+" if part[0] == "{" else re.escape(part) for part in re.split(r"(\{\w+\})", path) if part
                )
                table.append((definition["httpMethod"], re.compile(pattern), Method(name, definition, media)))
    return table


def method_of(exchange: Exchange) -> Method | None:
    """Return the published method that a request calls, ignoring the trailing slash that some clients add."""
    path = exchange.path.rstrip("/").replace("%40", "@").replace("%3A", ":")
    for verb, pattern, method in _table():
        if verb == exchange.method and pattern.fullmatch(path):
            return method
    return None


def _query_violations(exchange: Exchange, method: Method) -> Iterator[str]:
    known = document(method.document)["parameters"] | method.definition.get("parameters", {})
    for name, value in exchange.query:
        if name not in known:
            yield f"query: {name} is unknown"
        elif known[name]["type"] == "boolean" and value not in {"true", "false"}:
            yield f"query: {name}={value} is no boolean"
        elif known[name]["type"] == "integer" and not value.lstrip("-").isdigit():
            yield f"query: {name}={value} is no integer"
        elif value not in known[name].get("enum", [value]):
            yield f"query: {name}={value} is none of {', '.join(known[name]['enum'])}"


def _without_nulls(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Leave out nulls, which in a request mean "unset" (https://protobuf.dev/programming-guides/json/)."""
    match value:
        case dict():
            return {name: _without_nulls(item) for name, item in value.items() if item is not None}  # pyright: ignore[reportUnknownVariableType]  # JSON
        case list():
            return [_without_nulls(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  # JSON
        case _:
            return value


def _request_json(exchange: Exchange) -> bytes:
    """Return the JSON of a request: its body, or the first part of an upload."""
    kind = exchange.request_headers.get("content-type", "")
    if boundary := re.fullmatch(r'multipart/related; boundary="?([^"]+)"?', kind):
        return exchange.request_body.split(f"--{boundary[1]}".encode())[1].partition(b"\r\n\r\n")[2]
    return exchange.request_body


def _body_violations(side: str, body: bytes, schema: str | None, name: str) -> Iterator[str]:
    if not body.strip():
        return
    value = json.loads(body)
    if side == "request":
        value = _without_nulls(value)
    if schema is None:
        yield from [f"{side}: a body where none is published"] if value else []
        return
    for error in validator(name, schema, document(name)["schemas"]).iter_errors(value):  # pyright: ignore[reportUnknownMemberType]  # half typed
        yield f"{side}: {error.json_path}: {error.message[:200]}"


def _answer_violations(exchange: Exchange, method: Method) -> Iterator[str]:
    if exchange.status >= 400:
        error = json.loads(exchange.response_body)["error"]
        if error["code"] != exchange.status or not error["message"]:
            yield f"answer: status {exchange.status} with the error {error}"
        return
    media = method.media == "download" or ("alt", "media") in exchange.query
    schema = method.definition.get("response", {}).get("$ref")
    body = b"" if media else exchange.response_body
    yield from _body_violations("answer", body, schema, method.document)
    if schema == _OPERATION and "response" in (outcome := json.loads(body)):
        service = {name: value for name, value in outcome["response"].items() if name != "@type"}
        yield from _body_violations("outcome", json.dumps(service).encode(), _SERVICE, method.document)


def _violations(exchange: Exchange) -> Iterator[str]:
    method = method_of(exchange)
    if method is None:
        yield "unknown"
        return
    yield from _query_violations(exchange, method)
    if exchange.status != _REFUSED_AS_INVALID:
        schema = method.definition.get("request", {}).get("$ref")
        yield from _body_violations("request", _request_json(exchange), schema, method.document)
    yield from _answer_violations(exchange, method)


def violations(exchanges: Sequence[Exchange]) -> list[str]:
    """Return what differs from the published documents.

    Calls that the emulator answered with 501, because it does not know them, are left out; so are the bodies that it
    refused with 400.
    """
    return [
        f"{exchange.method} {unquote(exchange.path)}: {violation}"
        for exchange in exchanges
        if exchange.status != _UNIMPLEMENTED
        for violation in _violations(exchange)
    ]
