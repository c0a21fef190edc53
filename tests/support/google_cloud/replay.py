"""Recorded requests of the released plugins, sent again (tests/recordings/README.md says what they are)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.support.google_cloud.deploying import HELLO, archive

Json = dict[str, Any]
_RECORDINGS = Path(__file__).parents[2] / "recordings"
_GIVEN = {"name", "generation", "etag"}
"""Fields whose values the server gives, and which later requests repeat."""


def recorded(scenario: str) -> Iterator[Json]:
    """Yield the exchanges of a scenario that went to Google, in their order."""
    for line in (_RECORDINGS / f"{scenario}.http.jsonl").read_text("utf-8").splitlines():
        exchange = json.loads(line)
        if exchange["service"] != "auth0":
            yield exchange


def shape(value: Any, place: str = "") -> set[str]:  # noqa: ANN401  # any JSON value
    """Return every place in ``value`` with the type of what is there, nulls left out."""
    match value:
        case dict():
            members = {inner for name, item in value.items() for inner in shape(item, f"{place}.{name}")}  # pyright: ignore[reportUnknownVariableType]  # JSON
            return members | {f"{place}: object"}
        case list():
            return {inner for item in value for inner in shape(item, f"{place}[]")} | {f"{place}: list"}  # pyright: ignore[reportUnknownVariableType]  # JSON
        case None:
            return set()
        case _:
            return {f"{place}: {type(value).__name__}"}


@dataclass
class Replay:
    """Recorded requests against an emulator; what the server once named is replaced by what it names now."""

    http: httpx2.Client
    _now: dict[str, str] = field(default_factory=dict[str, str])

    def send(self, exchange: Json) -> httpx2.Response:
        """Send one recorded request, with an archive that runs in place of the recorded bytes."""
        headers = {name: value for name, value in exchange["request_headers"].items() if name != "content-length"}
        answer = self.http.request(
            exchange["method"],
            self._renewed(exchange["path"]),
            params={name: self._renewed(value) for name, value in exchange["query"].items()},
            content=self._content(exchange),
            headers=headers | {"authorization": "Bearer any"},
        )
        if answer.content:
            self._learn(exchange["response_body"], answer.json())
        if location := exchange.get("response_headers", {}).get("Location"):
            self._now[location.rpartition("=")[2]] = answer.headers["location"].rpartition("=")[2]
        return answer

    def _content(self, exchange: Json) -> bytes | None:
        body = exchange["request_body"]
        if body is None:
            return None
        if "bytes" in body:
            return bytes(body["bytes"])
        if "multipart" not in body:
            return self._renewed(json.dumps(body)).encode()
        boundary = exchange["request_headers"]["content-type"].rpartition("=")[2]
        described, media = body["multipart"]
        # Another archive where the recorded one was another.
        source = archive(main=HELLO, digest=f"recorded = {media['sha256']!r}")
        return b"\r\n".join([
            f"--{boundary}\r\nContent-Type: application/json\r\n\r\n{json.dumps(described['json'])}".encode(),
            f"--{boundary}\r\nContent-Type: application/gzip\r\n\r\n".encode() + source,
            f"--{boundary}--\r\n".encode(),
        ])  # fmt: skip

    def _renewed(self, text: str) -> str:
        for then, now in self._now.items():
            text = text.replace(then, now)
        return text

    def _learn(self, then: Any, now: Any) -> None:  # noqa: ANN401  # any JSON value
        if not isinstance(then, dict) or not isinstance(now, dict):
            return
        for name in then.keys() & now.keys():  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # JSON
            if name in _GIVEN and len(str(then[name])) > 3 and then[name] != now[name]:  # pyright: ignore[reportUnknownArgumentType]  # JSON
                self._now[then[name]] = now[name]
