"""The logins to Auth0's Management API that the Auth0 provider has."""

import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, NamedTuple

import jwt

from operations.auth0_api import Auth0Api
from operations.errors import NotPermittedError, OperationError, require
from operations.http_client import http_client, json_body

_SECONDS = 60
# The provider waits without end, which is too long for a person at a terminal.
_LONGEST_WAIT = 120
_USUAL_WAIT = 5  # seconds, as the provider waits when Auth0 does not say how long
_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class _Answer(NamedTuple):
    status: int
    body: Any
    reset: str = ""


def _send_within_limit(send: Callable[[], _Answer]) -> _Answer:
    """Send until Auth0's rate limit lets it through, or raise ``OperationError`` after two minutes.

    https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
    """
    deadline = time.monotonic() + _LONGEST_WAIT
    while (answer := send()).status == HTTPStatus.TOO_MANY_REQUESTS:
        # Auth0 says when the limit is over in seconds since 1970.
        wait = max(1, int(answer.reset) - time.time()) if answer.reset.isdecimal() else _USUAL_WAIT
        require(
            time.monotonic() + wait < deadline, f"Auth0's rate limit is used up for {wait:.0f} s: wait, then try again."
        )
        time.sleep(wait)
    return answer


def _send(method: str, url: str, **options: Any) -> _Answer:  # noqa: ANN401  # httpx2's options
    with http_client() as auth0:
        answer = auth0.request(method, url, **options)
    return _Answer(answer.status_code, json_body(answer), answer.headers.get("x-ratelimit-reset", ""))


def _read(method: str, path: str, answer: _Answer) -> Any:  # noqa: ANN401  # any JSON
    """Return the body, or raise ``OperationError`` with Auth0's reason."""
    if answer.status >= HTTPStatus.BAD_REQUEST:
        body: dict[str, Any] = answer.body or {}
        reason = body.get("message", "no reason")
        error = NotPermittedError if body.get("errorCode") == "insufficient_scope" else OperationError
        raise error(f"Auth0 refuses {method} {path.partition('?')[0]} ({answer.status}): {reason}")
    return answer.body


@dataclass(frozen=True, kw_only=True)
class ApiToken(Auth0Api):
    """A login by an access token (``auth0:apiToken``, AUTH0_API_TOKEN)."""

    domain: str
    token: str = field(repr=False)

    @cached_property
    def _claims(self) -> dict[str, Any]:
        """The claims of the token. Auth0 checks its signature, so it is not checked here."""
        try:
            return jwt.decode(self.token, options={"verify_signature": False, "verify_exp": False})
        except jwt.InvalidTokenError:
            return {}

    @property
    def identity(self) -> str:
        return f"{self._claims.get('sub', 'the owner of auth0:apiToken')} at {self.domain}"

    @property
    def scopes(self) -> frozenset[str] | None:
        return frozenset(str(self._claims["scope"]).split()) if "scope" in self._claims else None

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
        url, headers = f"https://{self.domain}/api/v2/{path}", {"Authorization": f"Bearer {self.token}"}
        return _read(method, path, _send_within_limit(lambda: _send(method, url, headers=headers, json=body)))


@dataclass(frozen=True, kw_only=True)
class ClientCredentials(Auth0Api):
    """A login by a machine-to-machine application, with its secret or its private key (RFC 6749, section 4.4)."""

    domain: str
    client_id: str
    audience: str
    client_secret: str = field(repr=False)
    private_key: str = field(repr=False)
    algorithm: str

    @cached_property
    def _granted(self) -> tuple[ApiToken, frozenset[str]]:
        form = {"grant_type": "client_credentials", "client_id": self.client_id, "audience": self.audience}
        form |= self._authentication()
        answer = _send_within_limit(lambda: _send("POST", f"https://{self.domain}/oauth/token", data=form))
        body: dict[str, Any] = answer.body or {}
        if answer.status != HTTPStatus.OK or "access_token" not in body:
            reason = body.get("error_description", "no reason")
            raise OperationError(f"Auth0 grants application {self.client_id} no token ({answer.status}): {reason}")
        scopes = frozenset(str(body.get("scope", "")).split())
        return ApiToken(domain=self.domain, token=body["access_token"]), scopes

    def _authentication(self) -> dict[str, str]:
        """Sign an assertion if there is a key, as the provider does, or else send the secret.

        https://auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt
        """
        if not self.private_key:
            return {"client_secret": self.client_secret}
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": f"https://{self.domain}/"}
        claims |= {"iat": now, "exp": now + _SECONDS, "jti": secrets.token_urlsafe()}
        try:
            assertion = jwt.encode(claims, self.private_key, self.algorithm)
        except (jwt.PyJWTError, ValueError, NotImplementedError):
            raise OperationError(
                f"auth0:clientAssertionPrivateKey does not fit {self.algorithm}: set a private key in PEM."
            ) from None
        return {"client_assertion": assertion, "client_assertion_type": _JWT_BEARER}

    @property
    def identity(self) -> str:
        _ = self._granted
        return f"application {self.client_id} at {self.domain}, by its {'key' if self.private_key else 'secret'}"

    @property
    def scopes(self) -> frozenset[str] | None:
        return self._granted[1]

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
        return self._granted[0].call(method, path, body)


@dataclass(frozen=True, kw_only=True)
class CliLogin(Auth0Api):
    """The login of Auth0's CLI (``auth0:cliLogin``), which keeps the token to itself and makes the calls."""

    domain: str

    @property
    def identity(self) -> str:
        return f"the login of the Auth0 CLI at {self.domain}"

    @property
    def scopes(self) -> None:
        return None

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
        return _read(method, path, _send_within_limit(lambda: self._run(method, path, body)))

    def _run(self, method: str, path: str, body: object) -> _Answer:
        """Run ``auth0 api``, which prints Auth0's refusal as an answer, except for a missing scope."""
        command = shutil.which("auth0")
        require(command, "auth0:cliLogin is set, but the Auth0 CLI is not on PATH: install it and run auth0 login.")
        arguments = [command or "", "api", method.lower(), path, "--tenant", self.domain, "--no-input", "--no-color"]
        # The body goes to standard input: it may hold a secret, and every process on the machine sees arguments.
        sent = "" if body is None else json.dumps(body)
        done = subprocess.run(arguments, input=sent, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # the CLI
        reason = " ".join(done.stderr.split())
        if done.returncode:
            error = NotPermittedError if "scope" in reason else OperationError
            raise error(f"The Auth0 CLI refuses {path.partition('?')[0]}: {reason}")
        answer: dict[str, Any] | list[Any] | None = json.loads(done.stdout or "null")
        status = answer.get("statusCode", HTTPStatus.OK) if isinstance(answer, dict) else HTTPStatus.OK
        return _Answer(status, answer)
