"""Recorded requests of the released plugin, sent again (tests/recordings/README.md says what they are)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from emulators import auth0
from tests.support.auth0.management import DEPLOYER_SCOPES

Json = dict[str, Any]
_CONNECTION_ID = re.compile(r"con_[0-9a-z]{16}")
_RECORDINGS = Path(__file__).parents[2] / "recordings"


def recorded(scenario: str) -> Iterator[Json]:
    """Yield the exchanges of a scenario that went to Auth0, in their order."""
    for line in (_RECORDINGS / f"{scenario}.http.jsonl").read_text("utf-8").splitlines():
        exchange = json.loads(line)
        if exchange["service"] == "auth0":
            yield exchange


def shape(value: Any, place: str = "") -> set[str]:  # noqa: ANN401  # any JSON value
    """Return every place in ``value`` with the type of what is there."""
    match value:
        case dict():
            inner = {each for name, item in value.items() for each in shape(item, f"{place}.{name}")}  # pyright: ignore[reportUnknownVariableType]  # JSON
        case list():
            inner = {each for item in value for each in shape(item, f"{place}[]")}  # pyright: ignore[reportUnknownVariableType]  # JSON
        case _:
            inner = set[str]()
    return {f"{place}: {type(value).__name__}"} | inner  # pyright: ignore[reportUnknownArgumentType]  # JSON


def recorded_tenant() -> auth0.Tenant:
    """Return a tenant with the applications that the recordings know, and with one that may deploy."""
    tenant = auth0.Tenant()
    for number in (1, 2, 3):
        tenant.add_application(f"appclient0{number}", f"app-secret-{number}", "https://app.example.com/callback")
    tenant.add_deployer("deployer", "deployer-secret", [*DEPLOYER_SCOPES.split(), "read:client_keys"])
    return tenant


class Replay:
    """Recorded requests against an emulator; each connection's recorded id is replaced by the newest one."""

    def __init__(self, origin: str) -> None:
        """Ask at ``origin``."""
        self._origin = origin
        self._token = self._connection = ""

    def send(self, exchange: Json) -> httpx2.Response:
        """Send one recorded request, with credentials in the place of those that were taken out."""
        headers = {name: value for name, value in exchange["request_headers"].items() if name != "content-length"}
        basic = headers.pop("authorization") == "Basic"
        answer = httpx2.request(
            exchange["method"],
            self._origin + _CONNECTION_ID.sub(self._connection, exchange["path"]),
            params=exchange["query"],
            content=self._content(exchange["request_body"]),
            headers=headers if basic else {**headers, "authorization": f"Bearer {self._token}"},
            auth=("deployer", "deployer-secret") if basic else None,
        )
        self._learn(answer)
        return answer

    def _content(self, body: Json | list[Json] | None) -> str | None:
        if isinstance(body, dict) and "form" in body:
            return body["form"].replace("@AUTH0_DOMAIN@", quote(self._origin.removeprefix("http://")))
        return None if body is None else json.dumps(body)

    def _learn(self, answer: httpx2.Response) -> None:
        now: Json = answer.json() if answer.content else {}
        self._token = now.get("access_token", self._token)
        self._connection = now.get("id", self._connection)
