"""Ways to ask Auth0's Management API (https://auth0.com/docs/api/management/v2), as the provider has them.

By an application's secret, by a token of somebody's, or by the login of Auth0's CLI; not by a private key.
"""

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, NoReturn, Protocol

from operations.verify.check import Failed, hold
from operations.verify.client import client, fields

_SECONDS = 60


class Management(Protocol):
    """Whoever may ask the API of one tenant."""

    @property
    def scopes(self) -> frozenset[str] | None:
        """What may be asked, or None where this way does not tell; may raise ``Failed``."""
        ...

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # whatever the API answers
        """Return what a call below /api/v2 answers, or raise ``Failed`` with Auth0's reason."""
        ...


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """An access token that somebody has made (``auth0:apiToken``, AUTH0_API_TOKEN)."""

    domain: str
    token: str = field(repr=False)
    scopes: frozenset[str] | None = None

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # whatever the API answers
        """Ask with the token."""
        url, headers = f"https://{self.domain}/api/v2/{path}", {"Authorization": f"Bearer {self.token}"}
        with client() as auth0:
            answer = auth0.request(method, url, headers=headers, json=body)
        if answer.is_error:
            _refuse(method, path, answer.status_code, fields(answer))
        return answer.json() if answer.content else None


@dataclass(frozen=True, kw_only=True)
class Application:
    """A machine-to-machine application, which is granted a token for its secret (RFC 6749, section 4.4)."""

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
        with client() as auth0:
            answer = auth0.post(f"https://{self.domain}/oauth/token", data=form)
        said = fields(answer)
        if answer.status_code != HTTPStatus.OK or "access_token" not in said:
            raise Failed(f"Auth0 gives no token ({answer.status_code}): {said.get('error_description', 'no reason')}")
        scopes = frozenset(str(said.get("scope", "")).split())
        return ApiToken(domain=self.domain, token=said["access_token"], scopes=scopes)

    @property
    def scopes(self) -> frozenset[str] | None:
        """What the token allows, as Auth0's reply to the client credentials grant says."""
        return self._granted.scopes

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # whatever the API answers
        """Ask with the token that was granted, once for all questions."""
        return self._granted.ask(method, path, body)


@dataclass(frozen=True, kw_only=True)
class CliLogin:
    """Whoever is logged in by Auth0's CLI (``auth0:cliLogin``), which keeps the token to itself and asks with it."""

    domain: str
    scopes: frozenset[str] | None = None

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # whatever the API answers
        """Ask by ``auth0 api``, which prints a refusal as it prints an answer, but for a scope that lacks."""
        command = shutil.which("auth0")
        hold(command, "auth0:cliLogin is set, and there is no Auth0 CLI on PATH: install it and run auth0 login.")
        asked = [command or "", "api", method.lower(), path, "--tenant", self.domain, "--no-input", "--no-color"]
        # By its input: what is sent may hold a secret, and arguments are seen by everybody on the machine.
        sent = "" if body is None else json.dumps(body)
        done = subprocess.run(asked, input=sent, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # the CLI
        hold(done.returncode == 0, f"The Auth0 CLI refuses {path.partition('?')[0]}: {' '.join(done.stderr.split())}")
        said: dict[str, Any] | list[Any] | None = json.loads(done.stdout or "null")
        if isinstance(said, dict) and "statusCode" in said:
            _refuse(method, path, said["statusCode"], said)
        return said


def _refuse(method: str, path: str, status: int, said: dict[str, Any]) -> NoReturn:
    reason = said.get("message", "no reason")
    raise Failed(f"Auth0 refuses {method} {path.partition('?')[0]} ({status}): {reason}")
