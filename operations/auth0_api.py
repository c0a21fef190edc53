"""Auth0's Management API: https://auth0.com/docs/api/management/v2."""

from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import quote

from operations.errors import OperationError

_PAGE = 50


class Auth0Api(ABC):
    """The API of one tenant, with one login; everything raises ``OperationError`` with Auth0's reason if refused."""

    @property
    @abstractmethod
    def identity(self) -> str:
        """The name of the login, once Auth0 accepts it."""

    @property
    @abstractmethod
    def scopes(self) -> frozenset[str] | None:
        """The granted scopes, or None if this login does not show them."""

    @abstractmethod
    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
        """Return the answer of a call below /api/v2."""

    def connection(self, connection_id: str) -> dict[str, Any]:
        """Return a connection, with its options if they may be read."""
        return self.call("GET", f"connections/{quote(connection_id)}")

    def connection_options(self, connection_id: str) -> dict[str, Any]:
        """Return a connection's options, or raise ``OperationError`` if they may not be read."""
        options = self.connection(connection_id).get("options")
        if not options:
            raise OperationError("Auth0 hides the connection's options: the scope read:connections_options is missing.")
        return options

    def custom_connections(self) -> list[dict[str, Any]]:
        """Return the tenant's custom social connections (strategy oauth2)."""
        return self._pages(f"connections?strategy=oauth2&take={_PAGE}", "connections")

    def enabled_applications(self, connection_id: str) -> list[str]:
        """Return the client ids of the applications that a connection is enabled for."""
        path = f"connections/{quote(connection_id)}/clients"
        return [each["client_id"] for each in self._pages(path, "clients")]

    def callbacks(self, client_id: str) -> list[str]:
        """Return the Allowed Callback URLs of an application."""
        # Only this field is read: the whole answer holds the application's secret.
        return self.call("GET", f"clients/{quote(client_id)}?fields=callbacks&include_fields=true").get("callbacks", [])

    def machine_applications(self) -> dict[str, str]:
        """Return the client ids of the machine-to-machine applications, by their names."""
        query = f"app_type=non_interactive&fields=client_id,name&include_fields=true&per_page={_PAGE}"
        found, page = dict[str, str](), 0
        while applications := self.call("GET", f"clients?{query}&page={page}"):
            found |= {each["name"]: each["client_id"] for each in applications}
            page += 1
        return found

    def granted_scopes(self, client_id: str) -> set[str]:
        """Return the scopes of an application for the Management API."""
        grants = self.call("GET", f"client-grants?client_id={quote(client_id)}&per_page={_PAGE}")
        return {scope for each in grants if each["audience"].endswith("/api/v2/") for scope in each["scope"]}

    def _pages(self, path: str, name: str) -> list[dict[str, Any]]:
        found, page = list[dict[str, Any]](), path
        while True:
            answer = self.call("GET", page)
            found += answer[name]
            if not answer.get("next"):
                return found
            page = f"{path}{'&' if '?' in path else '?'}from={quote(answer['next'])}"
