"""An Auth0 tenant, which tests can script and inspect."""

import secrets
import string
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypedDict

from emulators.auth0.assumptions import Assumptions
from emulators.auth0.errors import ManagementError
from emulators.auth0.login.state import Login
from emulators.auth0.rate_limit import RateLimits, rate_limit_headers
from emulators.kit.clock import Clock
from emulators.kit.faults import FaultQueue
from emulators.kit.recording import Exchange

Record = dict[str, Any]
"""An object as the Management API shows it."""

_ALPHANUMERICS = string.ascii_letters + string.digits


def alphanumerics(length: int) -> str:
    """Return random letters and digits, as in Auth0's ids."""
    return "".join(secrets.choice(_ALPHANUMERICS) for _ in range(length))


def _default_settings() -> Record:
    return {
        "friendly_name": "Rehearsal",
        "sandbox_version": "22",
        "enabled_locales": ["en"],
        "flags": {},
        "allowed_logout_urls": [],
        "oidc_logout": {"rp_logout_end_session_endpoint_discovery": True},
    }


@dataclass(frozen=True, kw_only=True)
class Token:
    """An access token for the Management API; ``expires`` is in seconds since 1970."""

    client_id: str
    scopes: frozenset[str]
    expires: float


@dataclass(frozen=True, kw_only=True)
class Api:
    """An API whose access tokens are JWTs (https://auth0.com/docs/get-started/apis)."""

    identifier: str
    scopes: frozenset[str]
    allow_offline_access: bool


@dataclass(kw_only=True)
class Tenant:
    """A tenant: its objects, its log, and every request that it received."""

    name: str = "rehearsal"
    home_url: str = ""
    """Linked at the end of every page of the login, as the way back to a rehearsal."""

    clients: dict[str, Record] = field(default_factory=dict[str, Record])
    grants: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    apis: dict[str, Api] = field(default_factory=dict[str, Api])
    connections: dict[str, Record] = field(default_factory=dict[str, Record])
    enabled: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    deletions: dict[str, float] = field(default_factory=dict[str, float])
    """When the deletion of a connection ends, by its id, in seconds since 1970."""

    users: dict[str, Record] = field(default_factory=dict[str, Record])
    settings: Record = field(default_factory=_default_settings)
    log: list[Record] = field(default_factory=list[Record])
    tokens: dict[str, Token] = field(default_factory=dict[str, Token])
    received: list[Exchange] = field(default_factory=list[Exchange])
    login: Login = field(default_factory=Login)
    assumptions: Assumptions = field(default_factory=Assumptions)
    rate_limits: RateLimits = field(default_factory=RateLimits)
    clock: Clock = field(default_factory=Clock)
    faults: FaultQueue[ManagementError, ManagementError] = field(
        default_factory=FaultQueue[ManagementError, ManagementError]
    )

    def now(self) -> float:
        """Return the tenant's time in seconds since 1970."""
        return self.clock.now()

    def timestamp(self) -> str:
        """Return the tenant's time as Auth0 writes it: UTC, milliseconds, Z."""
        return self.clock.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def advance_clock(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def add_application(self, client_id: str, client_secret: str, *callbacks: str, **more: Any) -> None:  # noqa: ANN401  # any field of an application
        """Register an application that people sign in to, as the dashboard makes it.

        ``more`` are fields as the Management API names them; a single-page application is public and rotates its
        refresh tokens.
        """
        single_page = {
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "implicit", "refresh_token"],
            "refresh_token": {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0},
        }
        self.clients[client_id] = {
            **new_client(self.name, client_id, client_secret),
            "name": client_id,
            "app_type": "regular_web",
            "callbacks": list(callbacks),
            **(single_page if more.get("app_type") == "spa" else {}),
            **more,
        }

    def add_api(self, identifier: str, *scopes: str, allow_offline_access: bool = False) -> None:
        """Register an API, whose identifier applications send as ``audience``."""
        self.apis[identifier] = Api(
            identifier=identifier, scopes=frozenset(scopes), allow_offline_access=allow_offline_access
        )

    def add_deployer(self, client_id: str, client_secret: str, scopes: Iterable[str]) -> None:
        """Register a machine-to-machine application that may call the Management API with ``scopes``."""
        client = new_client(self.name, client_id, client_secret)
        kind = {"app_type": "non_interactive", "grant_types": ["client_credentials"]}
        self.clients[client_id] = {**client, "name": client_id, **kind}
        self.grants[client_id] = frozenset(scopes)

    def queue_error(  # noqa: PLR0913  # the parts of one refusal, all but three of them named
        self,
        method: str,
        path: str,
        status: int,
        *,
        error_code: str = "queued_by_test",
        message: str = "Refused by a test",
        reset_in: float | None = None,
    ) -> None:
        """Refuse the next Management API call of ``method`` whose path matches the glob ``path``, once.

        With ``reset_in`` the answer says that the rate limit is used up for so many seconds.
        """
        headers = {} if reset_in is None else rate_limit_headers(10, 0, time.time() + reset_in)
        self.faults.queue_error(
            ManagementError(error_code, message, status=status, headers=headers), method=method, path=path
        )

    def queue_fault(self, method: str, path: str, status: int = 502, *, message: str = "Bad gateway") -> None:
        """Do the work of the next matching Management API call, but answer it with an error."""
        self.faults.queue_fault(ManagementError("queued_by_test", message, status=status), method=method, path=path)

    def clear_faults(self) -> None:
        """Forget all queued errors and faults."""
        self.faults.clear_faults()

    def write_log(self, code: str, description: str, **more: Any) -> None:  # noqa: ANN401  # any field of an event
        """Add an event of type ``code`` (https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes)."""
        number = f"{len(self.log) + 1:08d}"
        event = {"log_id": number, "_id": number, "date": self.timestamp(), "type": code, "description": description}
        self.log.append({**event, **{name: value for name, value in more.items() if value is not None}})

    def delete_connection(self, connection_id: str) -> None:
        """Start to delete a connection; it, its name and its users disappear when the deletion ends."""
        self.deletions.setdefault(connection_id, self.now() + self.assumptions.deletion_seconds)
        self.finish_deletions()

    def finish_deletions(self) -> None:
        """Remove the connections whose deletion has ended."""
        for connection_id in [each for each, end in self.deletions.items() if end <= self.now()]:
            del self.deletions[connection_id], self.enabled[connection_id]
            name = self.connections.pop(connection_id)["name"]
            for user in list(self.users.values()):
                if user["identities"][0]["connection"] == name:
                    del self.users[user["user_id"]]

    def connection_named(self, name: str) -> Record | None:
        return next((each for each in self.connections.values() if each["name"] == name), None)


class State(TypedDict):
    """What a request handler can use."""

    tenant: Tenant


def new_client(tenant: str, client_id: str, client_secret: str) -> Record:
    """Return an application with the defaults that Auth0 fills in."""
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
