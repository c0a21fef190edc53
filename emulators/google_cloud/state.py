"""One emulated Google Cloud project: what it remembers, and the verbs that script it."""

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

from emulators.google_cloud.clock import Clock
from emulators.google_cloud.errors import ApiError, JsonObject
from emulators.google_cloud.policies import Policy
from emulators.google_cloud.run.machine import LogLine, Machine
from emulators.google_cloud.storage.versions import Bucket
from emulators.kit.recording import Exchange

if TYPE_CHECKING:
    from emulators.google_cloud.run.operations import Operation
    from emulators.google_cloud.run.service import Service
    from emulators.google_cloud.storage.uploads import Upload


def _fresh_apis() -> set[str]:
    # Enabling an API reads the project, so this much is enabled by hand in a new one.
    return {"cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com"}


def _generations() -> Iterator[int]:
    return itertools.count(1700000000000001)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """How a deployment is to fail; without ``leaving`` it, a service that was being created is gone."""

    message: str
    leaving: bool


@dataclass(kw_only=True)
class GoogleCloud:
    """A project that tests can script beforehand and question afterwards; services run while the block lasts."""

    project: str = "proj-1"
    project_number: str = "123456789012"
    enabled: set[str] = field(default_factory=_fresh_apis)
    billing_enabled: bool = True
    denied_permissions: set[str] = field(default_factory=set[str])
    freeze_between_requests: bool = False
    """Whether instances stand still between requests, as with request-based billing (``cpuIdle``)."""
    operation_patience_seconds: float = 5.0
    """How long a poll waits for its operation to end before it is answered that it goes on."""

    policy: Policy = field(default_factory=Policy)
    accounts: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    buckets: dict[str, Bucket] = field(default_factory=dict[str, Bucket])
    uploads: dict[str, "Upload"] = field(default_factory=dict[str, "Upload"])
    services: dict[str, "Service"] = field(default_factory=dict[str, "Service"])
    operations: dict[str, "Operation"] = field(default_factory=dict[str, "Operation"])
    usage_operations: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    served: list[Exchange] = field(default_factory=list[Exchange])
    """What the services themselves were asked and answered, as the world in front of them sees it."""

    logs: list[LogLine] = field(default_factory=list[LogLine])

    clock: Clock = field(default_factory=Clock)
    machine: Machine = field(default_factory=Machine)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _numbers: Iterator[int] = field(default_factory=_generations, repr=False)
    _refusals: list[tuple[str, ApiError]] = field(default_factory=list[tuple[str, ApiError]], repr=False)
    _failures: list[Failure] = field(default_factory=list[Failure], repr=False)

    def __enter__(self) -> Self:
        """Make ready to run services."""
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

    def refuse_next(self, path: str, error: ApiError) -> None:
        """Answer the next request whose path holds ``path`` with ``error``; several are answered in turn."""
        self._refusals.append((path, error))

    def fail_next_deployment(self, message: str, *, leaving: bool = True) -> None:
        """Let the next create or update of a service end in an error; see ``Failure`` for ``leaving``."""
        self._failures.append(Failure(message=message, leaving=leaving))

    def advance(self, time: timedelta) -> None:
        """Move the clock on by ``time``, and let buckets drop what their lifecycle rules say."""
        self.clock.ahead += time
        for bucket in self.buckets.values():
            bucket.sweep()

    def scale(self, service: str, instances: int) -> None:
        """Run ``instances`` of a service from now on; after 0 the next request starts one (a cold start)."""
        self.service(service).scale(instances)

    def service(self, name: str) -> "Service":
        """Return the service of that short name; ``KeyError`` where there is none."""
        return {service.name: service for service in self.services.values()}[name]

    def queued_refusal(self, path: str) -> ApiError | None:
        """Take the first queued refusal that ``path`` is meant by."""
        for refusal in self._refusals:
            if refusal[0] in path:
                self._refusals.remove(refusal)
                return refusal[1]
        return None

    def queued_failure(self) -> Failure | None:
        """Take the first queued failure of a deployment."""
        return self._failures.pop(0) if self._failures else None

    def next_generation(self) -> str:
        """Return a generation greater than all before."""
        return str(next(self._numbers))
