"""A service: what was asked for, the revision that serves it, and its own address."""

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

from emulators.google_cloud.errors import JsonObject
from emulators.google_cloud.policies import Policy
from emulators.google_cloud.run.front import create_front
from emulators.google_cloud.run.instance import Instance
from emulators.google_cloud.run.revision import Revision, RevisionFailed
from emulators.kit.recording import Recorded
from emulators.kit.serving import serving

if TYPE_CHECKING:
    from emulators.google_cloud.state import GoogleCloud


def _condition(kind: str, now: str, failure: str | None) -> JsonObject:
    condition = {"type": kind, "state": "CONDITION_SUCCEEDED", "lastTransitionTime": now}
    failed = {"state": "CONDITION_FAILED", "message": failure, "reason": "REVISION_FAILED"}
    return condition | failed if failure else condition


class Service:
    """A Cloud Run service; ``resource`` is what the Admin API shows of it."""

    def __init__(self, cloud: "GoogleCloud", resource: JsonObject) -> None:
        """Give the service an address of its own, which it keeps until ``close``."""
        self.cloud = cloud
        self.name = str(resource["name"]).rpartition("/")[2]
        self.policy = Policy()
        self.revisions: list[Revision] = []
        self.current: Revision | None = None
        self._lock, self._deploying = threading.RLock(), threading.Lock()
        self._front = ExitStack()
        origin = self._front.enter_context(serving(Recorded(create_front(self), cloud.served.append)))
        self.resource: JsonObject = resource | {"uri": origin, "urls": [origin]}

    @property
    def public(self) -> bool:
        """Tell whether anybody may call it."""
        return bool(self.resource.get("invokerIamDisabled")) or self.policy.grants("roles/run.invoker", "allUsers")

    @property
    def request_timeout(self) -> float:
        """Return how long one request may take, start of an instance included (seconds)."""
        return float(self.resource["template"]["timeout"].removesuffix("s"))

    def take(self) -> Instance:
        """Return an instance of the revision that serves; ``RevisionFailed`` where no revision can."""
        with self._lock:
            if self.current is None:
                raise RevisionFailed(f"Service {self.name} has no revision that is ready.")
            return self.current.take()

    def wake(self) -> Instance:
        """Take an instance for one request and wake it; who retires it waits for its ``rest``."""
        with self._lock:
            instance = self.take()
            instance.wake()
            return instance

    def scale(self, instances: int) -> None:
        """Run as many instances as that of the revision that serves."""
        with self._lock:
            if self.current is not None:
                self.current.scale(instances)

    def deploy(self, failure: str | None) -> None:
        """Bring what serves in line with ``resource``; a revision that is not ready leaves the old one serving.

        ``failure`` is what a test wants it to fail with. ``RevisionFailed`` carries it, or the true reason.
        """
        with self._deploying:
            revision = self._revision()
            self.resource |= {"latestCreatedRevision": f"{self.resource['name']}/revisions/{revision.name}"}
            try:
                self._start(revision, failure)
            except RevisionFailed as error:
                revision.failure = str(error)
                raise
            finally:
                self._settle(revision.failure)

    def close(self) -> None:
        """Stop everything that it runs, and give its port back."""
        with self._lock:
            retiring, self.current = self.current, None
        if retiring:
            retiring.scale(0)
        self._front.close()

    def _revision(self) -> Revision:
        """Return the present revision where it serves what is asked for, else a new one."""
        template = self.resource["template"]
        if self.revisions and not self.revisions[-1].failure and _same(self.revisions[-1].template, template):
            return self.revisions[-1]
        name = f"{self.name}-{int(self.resource['generation']):05}-abc"
        stamp = self.cloud.clock.stamp()
        self.revisions.append(
            Revision(cloud=self.cloud, service=self.name, name=name, template=template, created=stamp)
        )
        return self.revisions[-1]

    def _start(self, revision: Revision, failure: str | None) -> None:
        if failure:
            raise RevisionFailed(failure)
        if revision is self.current:
            return
        revision.start()
        with self._lock:
            retiring, self.current = self.current, revision
        if retiring:
            retiring.scale(0)

    def _settle(self, failure: str | None) -> None:
        now = self.cloud.clock.stamp()
        ready = {} if self.current is None else {
            "latestReadyRevision": f"{self.resource['name']}/revisions/{self.current.name}",
            "trafficStatuses": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}],
        }  # fmt: skip
        self.resource |= ready | {
            "observedGeneration": self.resource["generation"],
            "reconciling": False,
            "terminalCondition": _condition("Ready", now, failure),
            "conditions": [
                _condition("RoutesReady", now, None if self.current else failure),
                _condition("ConfigurationsReady", now, failure),
            ],
        }


def _same(one: JsonObject, other: JsonObject) -> bool:
    """Compare templates; the order of environment variables, which clients do not keep, means nothing."""
    return _sorted(one) == _sorted(other)


def _sorted(template: JsonObject) -> JsonObject:
    containers = [
        container | {"env": sorted(container.get("env", []), key=lambda variable: str(variable["name"]))}
        for container in template["containers"]
    ]
    return template | {"containers": containers}
