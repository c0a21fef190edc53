"""Auth0's Management API (https://auth0.com/docs/api/management/v2), called with the credentials of the provider."""

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, NoReturn, Protocol
from urllib.parse import quote

from operations.errors import OperationError, require
from operations.http_client import http_client, json_object

_SECONDS = 60
_PAGE = 50


class Session(Protocol):
    """A login to the API of one tenant."""

    @property
    def scopes(self) -> frozenset[str] | None:
        """The granted scopes, or None if this login does not tell; may raise ``OperationError``."""
        ...

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
        """Return the answer of a call below /api/v2, or raise ``OperationError`` with Auth0's reason."""
        ...


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """A login by an access token (``auth0:apiToken``, AUTH0_API_TOKEN)."""

    domain: str
    token: str = field(repr=False)
    scopes: frozenset[str] | None = None

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
        url, headers = f"https://{self.domain}/api/v2/{path}", {"Authorization": f"Bearer {self.token}"}
        with http_client() as auth0:
            answer = auth0.request(method, url, headers=headers, json=body)
        if answer.is_error:
            _raise_refusal(method, path, answer.status_code, json_object(answer))
        return answer.json() if answer.content else None


@dataclass(frozen=True, kw_only=True)
class ClientCredentials:
    """A login by a machine-to-machine application and its secret (RFC 6749, section 4.4)."""

    domain: str
    client_id: str
    client_secret: str = field(repr=False)

    @cached_property
    def _granted(self) -> ApiToken:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "audience": f"https://{self.domain}/api/v2/",
        }
        with http_client() as auth0:
            answer = auth0.post(f"https://{self.domain}/oauth/token", data=form)
        body = json_object(answer)
        if answer.status_code != HTTPStatus.OK or "access_token" not in body:
            reason = body.get("error_description", "no reason")
            raise OperationError(f"Auth0 gives no token ({answer.status_code}): {reason}")
        scopes = frozenset(str(body.get("scope", "")).split())
        return ApiToken(domain=self.domain, token=body["access_token"], scopes=scopes)

    @property
    def scopes(self) -> frozenset[str] | None:
        return self._granted.scopes

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
        return self._granted.call(method, path, body)


@dataclass(frozen=True, kw_only=True)
class CliLogin:
    """The login of Auth0's CLI (``auth0:cliLogin``), which keeps the token to itself and makes the calls."""

    domain: str
    scopes: frozenset[str] | None = None

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
        """Call by ``auth0 api``, which prints Auth0's refusal as an answer, except for a missing scope."""
        command = shutil.which("auth0")
        require(command, "auth0:cliLogin is set, but the Auth0 CLI is not on PATH: install it and run auth0 login.")
        arguments = [command or "", "api", method.lower(), path, "--tenant", self.domain, "--no-input", "--no-color"]
        # The body goes to standard input: it may hold a secret, and every process on the machine sees arguments.
        sent = "" if body is None else json.dumps(body)
        done = subprocess.run(arguments, input=sent, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # the CLI
        require(
            done.returncode == 0, f"The Auth0 CLI refuses {path.partition('?')[0]}: {' '.join(done.stderr.split())}"
        )
        answer: dict[str, Any] | list[Any] | None = json.loads(done.stdout or "null")
        if isinstance(answer, dict) and "statusCode" in answer:
            _raise_refusal(method, path, answer["statusCode"], answer)
        return answer


def _raise_refusal(method: str, path: str, status: int, body: dict[str, Any]) -> NoReturn:
    reason = body.get("message", "no reason")
    raise OperationError(f"Auth0 refuses {method} {path.partition('?')[0]} ({status}): {reason}")


@dataclass(frozen=True, kw_only=True)
class Auth0Api:
    """The API of one tenant; every method raises ``OperationError`` with Auth0's reason when it is refused."""

    session: Session

    @property
    def scopes(self) -> frozenset[str] | None:
        """The granted scopes, or None if the login does not tell."""
        return self.session.scopes

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
        """Return the answer of a call below /api/v2."""
        return self.session.call(method, path, body)

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

    def _pages(self, path: str, name: str) -> list[dict[str, Any]]:
        found, page = list[dict[str, Any]](), path
        while True:
            answer = self.call("GET", page)
            found += answer[name]
            if not answer.get("next"):
                return found
            page = f"{path}{'&' if '?' in path else '?'}from={quote(answer['next'])}"
