"""What one Auth0 tenant remembers, and the verbs that script it."""

import secrets
import string
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, TypedDict

from emulators.auth0.errors import ManagementError, Queued
from emulators.auth0.login.state import Login
from emulators.auth0.rate import RateLimit
from emulators.auth0.switches import Switches
from emulators.kit.recording import Exchange

Record = dict[str, Any]
"""An object as the Management API shows it."""

_ALPHANUMERICS = string.ascii_letters + string.digits


def alphanumerics(length: int) -> str:
    """Return ``length`` random letters and digits, as Auth0's ids are made of."""
    return "".join(secrets.choice(_ALPHANUMERICS) for _ in range(length))


def _default_settings() -> Record:
    return {
        "friendly_name": "Rehearsal",
        "sandbox_version": "22",
        "enabled_locales": ["en"],
        "flags": {},
        "allowed_logout_urls": [],
    }


@dataclass(frozen=True, kw_only=True)
class Token:
    """An access token for the Management API, as the tenant keeps it; ``expires`` in seconds since 1970."""

    client_id: str
    scopes: frozenset[str]
    expires: float


@dataclass(frozen=True, kw_only=True)
class Mishap:
    """A failure that waits for its call; a ``committed`` one strikes after the work was done."""

    method: str
    path: str
    error: ManagementError
    committed: bool


@dataclass(kw_only=True)
class Tenant:
    """An Auth0 tenant that tests can script beforehand and question afterwards."""

    name: str = "rehearsal"
    clients: dict[str, Record] = field(default_factory=dict[str, Record])
    grants: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    connections: dict[str, Record] = field(default_factory=dict[str, Record])
    enabled: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    deleted_names: dict[str, float] = field(default_factory=dict[str, float])
    users: dict[str, Record] = field(default_factory=dict[str, Record])
    settings: Record = field(default_factory=_default_settings)
    log: list[Record] = field(default_factory=list[Record])
    tokens: dict[str, Token] = field(default_factory=dict[str, Token])
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    login: Login = field(default_factory=Login)
    switches: Switches = field(default_factory=Switches)
    rate: RateLimit = field(default_factory=RateLimit)
    _mishaps: list[Mishap] = field(default_factory=list[Mishap])
    _ahead: float = 0.0

    def now(self) -> float:
        """Return the tenant's time in seconds since 1970."""
        return time.time() + self._ahead

    def timestamp(self) -> str:
        """Return the tenant's time as Auth0 writes it: UTC, milliseconds, Z."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def move_clock(self, seconds: float) -> None:
        """Let ``seconds`` pass at once."""
        self._ahead += seconds

    def add_application(self, client_id: str, client_secret: str, *callbacks: str, **more: Any) -> None:  # noqa: ANN401  # any field of an application
        """Register an application that people sign in to; ``more`` are fields as the Management API names them."""
        self.clients[client_id] = {
            **new_client(self.name, client_id, client_secret),
            "name": client_id,
            "app_type": "regular_web",
            "callbacks": list(callbacks),
            **more,
        }

    def add_deployer(self, client_id: str, client_secret: str, scopes: Iterable[str]) -> None:
        """Register a machine-to-machine application that may call the Management API with ``scopes``."""
        client = new_client(self.name, client_id, client_secret)
        kind = {"app_type": "non_interactive", "grant_types": ["client_credentials"]}
        self.clients[client_id] = {**client, "name": client_id, **kind}
        self.grants[client_id] = frozenset(scopes)

    def fail_next(  # noqa: PLR0913  # the parts of one refusal, all but three of them named
        self,
        method: str,
        path: str,
        status: int,
        *,
        error_code: str = "queued_by_test",
        message: str = "Refused, as a test has asked",
        committed: bool = False,
        reset_in: float | None = None,
    ) -> None:
        """Refuse the next call of ``method`` whose path matches the glob ``path``, once.

        ``committed`` does the work and loses only the answer; ``reset_in`` seconds become an X-RateLimit-Reset.
        """
        headers = {} if reset_in is None else RateLimit.used_up(time.time() + reset_in)
        error = Queued(status, error_code, message, headers)
        self._mishaps.append(Mishap(method=method, path=path, error=error, committed=committed))

    def next_mishap(self, method: str, path: str) -> Mishap | None:
        """Return the failure that waits for this call, if one does, and forget it."""
        for mishap in self._mishaps:
            if mishap.method == method and fnmatchcase(path, mishap.path):
                self._mishaps.remove(mishap)
                return mishap
        return None

    def write_log(self, code: str, description: str, **more: Any) -> None:  # noqa: ANN401  # any field of an event
        """Add an event of type ``code`` (https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes)."""
        number = f"{len(self.log) + 1:08d}"
        event = {"log_id": number, "_id": number, "date": self.timestamp(), "type": code, "description": description}
        self.log.append({**event, **{name: value for name, value in more.items() if value is not None}})

    def connection_named(self, name: str) -> Record | None:
        """Return the connection of this name."""
        return next((each for each in self.connections.values() if each["name"] == name), None)


class State(TypedDict):
    """What a request may reach for."""

    tenant: Tenant


def new_client(tenant: str, client_id: str, client_secret: str) -> Record:
    """Return an application with what Auth0 fills in by itself."""
    return {
        "tenant": tenant,
        "global": False,
        "client_id": client_id,
        "client_secret": client_secret,
        "is_first_party": True,
        "oidc_conformant": True,
        "is_token_endpoint_ip_header_trusted": False,
        "sso_disabled": False,
        "cross_origin_authentication": False,
        "custom_login_page_on": True,
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", "implicit", "refresh_token", "client_credentials"],
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36000, "secret_encoded": False},
        "signing_keys": [{"cert": "-----BEGIN CERTIFICATE-----..."}],
    }
