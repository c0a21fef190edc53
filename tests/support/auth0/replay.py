"""Recorded requests of the released auth0 plugin, sent again to the emulator."""

import json
import re
from urllib.parse import quote

import httpx2

from emulators import auth0
from tests.support.auth0.management import DEPLOYER_SCOPES
from tests.support.recordings import Json, load_scenario

_CONNECTION_ID = re.compile(r"con_[0-9a-z]{16}")


def recorded_exchanges(scenario: str) -> list[Json]:
    """Return the exchanges of a scenario that went to Auth0, in their order."""
    return [exchange for exchange in load_scenario(scenario).exchanges if exchange["service"] == "auth0"]


def create_recorded_tenant() -> auth0.Tenant:
    """Return a tenant with the applications that the recordings name, and one that may deploy."""
    tenant = auth0.Tenant(rate_limits=auth0.RateLimits(auth0.NO_LIMITS))
    for number in (1, 2, 3):
        tenant.add_application(f"appclient0{number}", f"app-secret-{number}", "https://app.example.com/callback")
    tenant.add_deployer("deployer", "deployer-secret", [*DEPLOYER_SCOPES.split(), "read:client_keys"])
    return tenant


class Replay:
    """Sends recorded requests to an emulator; replaces each connection's recorded id by the newest one."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._token = self._connection = ""

    def send(self, exchange: Json) -> httpx2.Response:
        """Send one recorded request, with credentials in place of those removed from the recording."""
        headers = dict(exchange["request_headers"])
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
