"""A workspace at Clerk, which tests script beforehand and inspect afterwards."""

import secrets
import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TypedDict

from emulators.clerk.errors import ApiError
from emulators.kit.faults import FaultQueue
from emulators.kit.recording import Exchange

Config = dict[str, dict[str, object]]
"""An instance's configuration: members by key, such as ``connection_oauth_tiktok``."""


@dataclass(kw_only=True)
class Instance:
    """An environment of an application; ``host`` is its Frontend API's."""

    environment: str
    host: str
    id: str = field(default_factory=lambda: f"ins_{secrets.token_hex(12)}")
    config: Config = field(default_factory=Config)
    version: int = 1

    @property
    def publishable_key(self) -> str:
        """The key for browsers (https://clerk.com/docs/guides/development/clerk-environment-variables)."""
        kind = "live" if self.environment == "production" else "test"
        return f"pk_{kind}_{b64encode(f'{self.host}$'.encode()).decode()}"

    def change(self, changes: Config) -> None:
        """Merge ``changes``, key by key and member by member, like the dashboard and a PATCH."""
        for key, members in changes.items():
            self.config[key] = {**self.config.get(key, {}), **members}
        self.version += 1


@dataclass(kw_only=True)
class Application:
    """An application and its instances, by environment."""

    id: str
    name: str
    instances: dict[str, Instance]

    def find_instance(self, name: str) -> Instance:
        """Return the instance with this environment or id, or raise ``ApiError``."""
        for instance in self.instances.values():
            if name in {instance.environment, instance.id}:
                return instance
        raise ApiError("resource_not_found", f"No instance was found with the environment or id {name}")


class State(TypedDict):
    """What a request can use."""

    clerk: "Clerk"


@dataclass(kw_only=True)
class Clerk:
    """One workspace: its platform keys with their scopes, its applications, and every request that it received.

    It accepts ``limit`` calls in each window of ``seconds``, by the machine's clock, because callers wait by theirs.
    """

    keys: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    applications: dict[str, Application] = field(default_factory=dict[str, Application])
    received: list[Exchange] = field(default_factory=list[Exchange])
    faults: FaultQueue[ApiError, ApiError] = field(default_factory=FaultQueue[ApiError, ApiError])
    limit: int = 100
    seconds: int = 1
    _calls: int = 0
    _window_end: float = 0.0

    def add_key(self, *scopes: str) -> str:
        """Issue a platform key with ``scopes``, and return it."""
        key = f"ak_{secrets.token_urlsafe(24)}"
        self.keys[key] = frozenset(scopes)
        return key

    def add_application(self, domain: str = "") -> Application:
        """Create an application with a development instance and, if it has a domain, a production instance."""
        name = secrets.token_hex(4)
        instances = {"development": Instance(environment="development", host=f"{name}.clerk.accounts.dev")}
        if domain:
            instances["production"] = Instance(environment="production", host=f"clerk.{domain}")
        application = Application(id=f"app_{secrets.token_hex(12)}", name=name, instances=instances)
        self.applications[application.id] = application
        return application

    def find_application(self, name: str) -> Application:
        """Return the application with this id, or raise ``ApiError``."""
        if name not in self.applications:
            raise ApiError("resource_not_found", f"No application was found with id {name}")
        return self.applications[name]

    def find_instance_at(self, host: str) -> Instance:
        """Return the instance whose Frontend API is at ``host``, or raise ``ApiError``."""
        for application in self.applications.values():
            for instance in application.instances.values():
                if instance.host == host:
                    return instance
        raise ApiError("host_invalid", "We were unable to attribute this request to an instance running on Clerk.")

    def queue_error(self, method: str, status: int, message: str) -> None:
        """Refuse the next call with ``method``."""
        self.faults.queue_error(ApiError("queued", message, status=status), method=method)

    def queue_fault(self, method: str, status: int, message: str) -> None:
        """Carry out the next call with ``method``, but answer it with an error."""
        self.faults.queue_fault(ApiError("queued", message, status=status), method=method)

    def count_call(self) -> None:
        """Count one call, or raise ``ApiError`` if the rate limit is used up."""
        now = time.time()
        if now >= self._window_end:
            self._calls, self._window_end = 0, now + self.seconds
        self._calls += 1
        if self._calls > self.limit:
            # https://clerk.com/docs/guides/how-clerk-works/system-limits
            headers = {"Retry-After": str(self.seconds)}
            raise ApiError("too_many_requests", "Too many requests. Please try again in a bit.", headers=headers)
