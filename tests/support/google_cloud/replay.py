"""Recorded requests of the released gcp plugin, sent again to the emulator."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx2

from emulators.google_cloud.run.base_images import THIS_PYTHON
from tests.support.google_cloud.deploying import HELLO, archive
from tests.support.recordings import Json, load_scenario

# An archive runs here on the Python of the tests; the second, which does not exist, let an update fail.
_RECORDED_PYTHONS = ("python313", "python399")
# The server chooses the values of these fields, and later requests repeat them.
_GIVEN = {"name", "generation", "etag"}


def recorded_exchanges(scenario: str) -> list[Json]:
    """Return the exchanges of a scenario that went to Google, in their order."""
    return [exchange for exchange in load_scenario(scenario).exchanges if exchange["service"] != "auth0"]


@dataclass
class Replay:
    """Sends recorded requests to an emulator; replaces what the recorded server named by what this one names."""

    http: httpx2.Client
    _now: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_RECORDED_PYTHONS, THIS_PYTHON))

    def send(self, exchange: Json) -> httpx2.Response:
        """Send one recorded request, with an archive that runs in place of the recorded one."""
        answer = self.http.request(
            exchange["method"],
            self._renewed(exchange["path"]),
            params={name: self._renewed(value) for name, value in exchange["query"].items()},
            content=self._content(exchange),
            headers=exchange["request_headers"] | {"authorization": "Bearer any"},
        )
        if answer.content:
            self._learn(exchange["response_body"], answer.json())
        return answer

    def _content(self, exchange: Json) -> bytes | None:
        body = exchange["request_body"]
        if body is None:
            return None
        if "multipart" not in body:
            return self._renewed(json.dumps(body)).encode()
        boundary = exchange["request_headers"]["content-type"].rpartition("=")[2]
        described, media = body["multipart"]
        # A recorded archive with another digest becomes another archive here too.
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
