"""An Auth0 tenant, by its Management API (https://auth0.com/docs/api/management/v2)."""

from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from infra.verify.check import Failed
from infra.verify.client import client, fields

_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A tenant, as an application sees it that may call its Management API."""

    domain: str
    client_id: str
    client_secret: str = field(repr=False)

    @cached_property
    def _granted(self) -> dict[str, Any]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "audience": f"https://{self.domain}/api/v2/",
        }
        with client() as auth0:
            answer = auth0.post(f"https://{self.domain}/oauth/token", data=form)
        said = fields(answer)
        if answer.status_code != HTTPStatus.OK or "access_token" not in said:
            raise Failed(f"Auth0 gives no token ({answer.status_code}): {said.get('error_description', 'no reason')}")
        return said

    @property
    def scopes(self) -> frozenset[str]:
        """What the token allows, as Auth0's reply to the client credentials grant says, or raise ``Failed``."""
        return frozenset(str(self._granted.get("scope", "")).split())

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # whatever the API answers
        """Return what a call below /api/v2 answers, or raise ``Failed`` with Auth0's reason."""
        token = {"Authorization": f"Bearer {self._granted['access_token']}"}
        url = f"https://{self.domain}/api/v2/{path}"
        with client() as auth0:
            answer = auth0.request(method, url, headers=token, json=body)
        if answer.is_error:
            reason = fields(answer).get("message", "no reason")
            raise Failed(f"Auth0 refuses {method} {path.partition('?')[0]} ({answer.status_code}): {reason}")
        return answer.json() if answer.content else None

    def connection(self, connection_id: str) -> dict[str, Any]:
        """Return a connection with its options, or raise ``Failed``."""
        return self.call("GET", f"connections/{quote(connection_id)}")

    def connections(self) -> list[dict[str, Any]]:
        """Return the tenant's social connections of one's own making (strategy oauth2)."""
        return self._pages(f"connections?strategy=oauth2&take={_PAGE}", "connections")

    def enabled(self, connection_id: str) -> list[str]:
        """Return the client ids that a connection is enabled for."""
        path = f"connections/{quote(connection_id)}/clients"
        return [each["client_id"] for each in self._pages(path, "clients")]

    def callbacks(self, client_id: str) -> list[str]:
        """Return where people may come back to in an application; nothing else of it is kept."""
        return self.call("GET", f"clients/{quote(client_id)}?fields=callbacks&include_fields=true").get("callbacks", [])

    def _pages(self, path: str, name: str) -> list[dict[str, Any]]:
        found, page = list[dict[str, Any]](), path
        while True:
            answer = self.call("GET", page)
            found += answer[name]
            if not answer.get("next"):
                return found
            page = f"{path}{'&' if '?' in path else '?'}from={quote(answer['next'])}"
