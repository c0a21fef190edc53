"""A workspace at Clerk that tests can script beforehand and question afterwards."""

import secrets
import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TypedDict

from emulators.clerk.errors import HostInvalid, Queued, ResourceNotFound, TooManyRequests
from emulators.kit.recording import Exchange

Config = dict[str, dict[str, object]]
"""What an instance is set to: members by key, such as ``connection_oauth_tiktok``."""


@dataclass(kw_only=True)
class Instance:
    """An environment of an application; its publishable key spells ``host``, its Frontend API's, in Base64."""

    environment: str
    host: str
    id: str = field(default_factory=lambda: f"ins_{secrets.token_hex(12)}")
    config: Config = field(default_factory=Config)
    version: int = 1

    @property
    def publishable_key(self) -> str:
        """Return the key that browsers are given (https://clerk.com/docs/guides/development/clerk-environment-variables)."""
        kind = "live" if self.environment == "production" else "test"
        return f"pk_{kind}_{b64encode(f'{self.host}$'.encode()).decode()}"

    def change(self, changes: Config) -> None:
        """Merge ``changes``, key by key and member by member, as the dashboard and a PATCH do."""
        for key, members in changes.items():
            self.config[key] = {**self.config.get(key, {}), **members}
        self.version += 1


@dataclass(kw_only=True)
class Application:
    """An application and its instances, by environment."""

    id: str
    name: str
    instances: dict[str, Instance]

    def instance(self, name: str) -> Instance:
        """Return the instance of this environment or id, or refuse with status 404."""
        for instance in self.instances.values():
            if name in {instance.environment, instance.id}:
                return instance
        raise ResourceNotFound(f"No instance was found with the environment or id {name}")


@dataclass(frozen=True, kw_only=True)
class Mishap:
    """A refusal of the next call with ``method``; ``committed`` means that the call has had its effect by then."""

    method: str
    error: Queued
    committed: bool


class State(TypedDict):
    """What a request may reach for."""

    clerk: "Clerk"


@dataclass(kw_only=True)
class Clerk:
    """One workspace: its platform keys with their scopes, its applications, and every exchange.

    ``limit`` calls are taken in each window of ``seconds``, by the machine's clock, since callers wait by theirs.
    """

    keys: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    applications: dict[str, Application] = field(default_factory=dict[str, Application])
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    mishaps: list[Mishap] = field(default_factory=list[Mishap])
    limit: int = 100
    seconds: int = 1
    _taken: int = 0
    _until: float = 0.0

    def add_key(self, *scopes: str) -> str:
        """Issue a platform key that holds ``scopes``, and return it."""
        key = f"ak_{secrets.token_urlsafe(24)}"
        self.keys[key] = frozenset(scopes)
        return key

    def add_application(self, domain: str = "") -> Application:
        """Make an application with a development instance and, where it has a domain, a production instance."""
        name = secrets.token_hex(4)
        instances = {"development": Instance(environment="development", host=f"{name}.clerk.accounts.dev")}
        if domain:
            instances["production"] = Instance(environment="production", host=f"clerk.{domain}")
        application = Application(id=f"app_{secrets.token_hex(12)}", name=name, instances=instances)
        self.applications[application.id] = application
        return application

    def instance_at(self, host: str) -> Instance:
        """Return the instance whose Frontend API is at ``host``, or refuse with status 400."""
        for application in self.applications.values():
            for instance in application.instances.values():
                if instance.host == host:
                    return instance
        raise HostInvalid("We were unable to attribute this request to an instance running on Clerk.")

    def refuse_next(self, method: str, status: int, message: str, *, committed: bool = False) -> None:
        """Refuse the next call with ``method``, with or without its effect."""
        self.mishaps.append(Mishap(method=method, error=Queued(status, "queued", message), committed=committed))

    def next_mishap(self, method: str) -> Mishap | None:
        """Take what was queued for ``method``, if anything was."""
        found = next((mishap for mishap in self.mishaps if mishap.method == method), None)
        if found:
            self.mishaps.remove(found)
        return found

    def take(self) -> None:
        """Count one call, or refuse it with status 429."""
        now = time.time()
        if now >= self._until:
            self._taken, self._until = 0, now + self.seconds
        self._taken += 1
        if self._taken > self.limit:
            raise TooManyRequests(self.seconds)
