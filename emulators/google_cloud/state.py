"""The state of one emulated Google Cloud project."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from starlette.types import ASGIApp

from emulators.google_cloud.assumptions import Assumptions
from emulators.google_cloud.callers import Caller
from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.policies import Policy
from emulators.google_cloud.run.machine import LogLine, Machine
from emulators.google_cloud.run.operation import Operation
from emulators.google_cloud.run.service import Service
from emulators.google_cloud.storage.bucket import Bucket
from emulators.google_cloud.wire import JsonObject, rfc3339
from emulators.kit.clock import Clock
from emulators.kit.faults import FaultQueue
from emulators.kit.recording import Exchange


def _fresh_apis() -> set[str]:
    # Enabling an API reads the project, so Resource Manager must be enabled by hand. A new project has the others:
    # https://docs.cloud.google.com/service-usage/docs/enabled-service
    return {
        "cloudresourcemanager.googleapis.com",
        "logging.googleapis.com",
        "monitoring.googleapis.com",
        "serviceusage.googleapis.com",
    }


@dataclass(frozen=True, kw_only=True)
class DeploymentFault:
    """A deployment that fails with ``message``; a service that was being created is gone if not ``leaves_service``."""

    message: str
    leaves_service: bool = True


@dataclass(kw_only=True)
class GoogleCloud(FaultQueue[ApiError, DeploymentFault]):
    """A project for tests; services run inside its ``with`` block.

    An error is the answer to the next request that matches; a fault lets the next create or update of a service fail.
    """

    project: str = "proj-1"
    project_number: str = "123456789012"
    enabled: set[str] = field(default_factory=_fresh_apis)
    billing_enabled: bool = True
    deployer: Caller = field(default_factory=Caller)
    """Whom every token stands for that ``callers`` does not name."""
    callers: dict[str, Caller] = field(default_factory=dict[str, Caller])
    denied_permissions: set[str] = field(default_factory=set[str])
    """Permissions that are denied whatever the caller's roles are."""
    assumptions: Assumptions = field(default_factory=Assumptions)
    operation_patience_seconds: float = 5.0
    """How long a poll waits for its operation to end before the answer says that it is still running."""

    accounts: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    policies: dict[str, Policy] = field(default_factory=dict[str, Policy])
    """IAM policies of the project, and of accounts, buckets and keys, by the full name of the resource."""
    identity_pools: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    """Workload identity pools and their providers, by their full names, which have the project's number."""
    keys: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    """Keys of Cloud KMS, by their full names."""
    monitoring: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    """Notification channels, alert policies and uptime checks, by their full names."""
    buckets: dict[str, Bucket] = field(default_factory=dict[str, Bucket])
    services: dict[str, Service] = field(default_factory=dict[str, Service])
    operations: dict[str, Operation] = field(default_factory=dict[str, Operation])
    received: list[Exchange] = field(default_factory=list[Exchange])
    received_by_services: list[Exchange] = field(default_factory=list[Exchange])

    clock: Clock = field(default_factory=Clock)
    machine: Machine = field(default_factory=Machine)
    _usable_from: dict[str, float] = field(default_factory=dict[str, float], repr=False)
    _generations: Iterator[int] = field(default_factory=lambda: itertools.count(1700000000000001), repr=False)
    _monitoring_numbers: Iterator[int] = field(default_factory=lambda: itertools.count(4700000000000000001), repr=False)

    def __enter__(self) -> Self:
        self.machine.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every service, wait for every operation, and leave no process, port or file behind."""
        self.machine.close()
        try:
            for operation in list(self.operations.values()):
                operation.join()
        finally:
            for service in list(self.services.values()):
                service.close()

    @property
    def logs(self) -> list[LogLine]:
        """The lines that the instances of all services wrote."""
        return self.machine.logs

    def advance_clock(self, seconds: float) -> None:
        """Advance the clock, and delete what the lifecycle rules of buckets delete."""
        self.clock.advance(seconds)
        for bucket in self.buckets.values():
            bucket.apply_lifecycle()

    def enable(self, apis: Iterable[str]) -> None:
        """Enable APIs, which become usable some time later."""
        self.enabled |= set(apis)
        self._usable_from |= dict.fromkeys(apis, self.clock.now() + self.assumptions.activation_seconds)

    def is_usable(self, api: str) -> bool:
        """Tell whether an API has been enabled for long enough."""
        return api in self.enabled and self._usable_from.get(api, 0) <= self.clock.now()

    def permits(self, caller: Caller, permission: str) -> bool:
        """Tell whether ``caller`` has ``permission`` on the project."""
        return permission not in self.denied_permissions and caller.has(permission)

    def stamp(self) -> str:
        """Return the clock's time as Google writes it."""
        return rfc3339(self.clock.utc())

    def next_generation(self) -> str:
        """Return a generation greater than all before."""
        return str(next(self._generations))

    def next_monitoring_number(self) -> int:
        """Return the number that ends the name of the next channel, policy, condition or uptime check."""
        return next(self._monitoring_numbers)

    def fetch_object(self, bucket: str, name: str, generation: str | None) -> bytes:
        """Return the content of an object, or raise ``LookupError``."""
        try:
            return self.buckets[bucket].version(name, generation).content
        except ApiError as error:
            raise LookupError(name) from error

    def policy(self, name: str) -> JsonObject:
        """Return the IAM policy of the resource of that full name."""
        return self.policies.setdefault(name, Policy()).resource

    def service(self, name: str) -> Service:
        """Return the service of that short name, or raise ``KeyError``."""
        return {service.name: service for service in self.services.values()}[name]

    def scale(self, service: str, instances: int) -> None:
        """Run that many instances of a service; after 0 the next request starts one (a cold start)."""
        self.service(service).scale(instances)

    def add_service(self, resource: JsonObject, front: Callable[[Service], ASGIApp]) -> Service:
        """Add a service, with an address at which ``front`` answers for it."""
        service = Service(
            resource, clock=self.clock, machine=self.machine, fetch=self.fetch_object, assumptions=self.assumptions
        )
        service.publish(front(service))
        self.services[resource["name"]] = service
        return service

    def remove_service(self, service: Service) -> JsonObject:
        """Remove a service and everything that it runs, and return what it was."""
        service.close()
        del self.services[service.resource["name"]]
        return service.resource | {"deleteTime": self.stamp()}

    def begin(self, target: str, work: Callable[[], JsonObject]) -> JsonObject:
        """Start ``work`` on the service ``target``, and return its operation."""
        name = f"{target.rpartition('/services/')[0]}/operations/op-{len(self.operations) + 1:06}"
        self.operations[name] = Operation(name, target, work)
        return self.operations[name].begun()
