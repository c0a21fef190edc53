"""An Auth0 tenant, by its Management API."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from operations.verify.check import Failed
from operations.verify.management import Management

_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A tenant, as it is seen by whoever may ask its Management API."""

    management: Management

    @property
    def scopes(self) -> frozenset[str] | None:
        """What may be asked, or None where that cannot be known, or raise ``Failed``."""
        return self.management.scopes

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # whatever the API answers
        """Return what a call below /api/v2 answers, or raise ``Failed`` with Auth0's reason."""
        return self.management.ask(method, path, body)

    def connection(self, connection_id: str) -> dict[str, Any]:
        """Return a connection, with its options where they may be read, or raise ``Failed``."""
        return self.call("GET", f"connections/{quote(connection_id)}")

    def options(self, connection_id: str) -> dict[str, Any]:
        """Return a connection's options, or raise ``Failed``."""
        options = self.connection(connection_id).get("options")
        if not options:
            raise Failed("Auth0 shows no options of the connection: read:connections_options lacks.")
        return options

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
