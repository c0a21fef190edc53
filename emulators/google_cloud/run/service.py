"""A service: its declaration, the revision that serves it, and its own address."""

import threading
from contextlib import ExitStack

from starlette.types import ASGIApp

from emulators.google_cloud.assumptions import Assumptions
from emulators.google_cloud.policies import Policy
from emulators.google_cloud.run.instance import Instance
from emulators.google_cloud.run.machine import Machine
from emulators.google_cloud.run.revision import ObjectFetcher, Revision, RevisionFailedError
from emulators.google_cloud.wire import JsonObject, rfc3339
from emulators.kit.clock import Clock
from emulators.kit.serving import serving


def _condition(kind: str, now: str, failure: str | None) -> JsonObject:
    condition = {"type": kind, "state": "CONDITION_SUCCEEDED", "lastTransitionTime": now}
    failed = {"state": "CONDITION_FAILED", "message": failure, "reason": "REVISION_FAILED"}
    return condition | failed if failure else condition


class Service:
    """A Cloud Run service; ``resource`` is what the Admin API returns."""

    def __init__(
        self,
        resource: JsonObject,
        *,
        clock: Clock,
        machine: Machine,
        fetch: ObjectFetcher,
        assumptions: Assumptions,
    ) -> None:
        self.name = str(resource["name"]).rpartition("/")[2]
        self.resource = resource
        self.policy = Policy()
        self.revisions: list[Revision] = []
        self.current: Revision | None = None
        self._clock, self._machine, self._fetch, self._assumptions = clock, machine, fetch, assumptions
        self._lock, self._deploying = threading.RLock(), threading.Lock()
        self._address = ExitStack()

    @property
    def public(self) -> bool:
        """Whether anybody may call it."""
        return bool(self.resource.get("invokerIamDisabled")) or self.policy.grants("roles/run.invoker", "allUsers")

    @property
    def reachable(self) -> bool:
        """Whether the internet reaches its address: https://docs.cloud.google.com/run/docs/securing/ingress."""
        return self.resource["ingress"] == "INGRESS_TRAFFIC_ALL" and not self.resource.get("defaultUriDisabled")

    @property
    def request_timeout(self) -> float:
        """How long one request may take, the start of an instance included (seconds)."""
        return float(self.resource["template"]["timeout"].removesuffix("s"))

    def publish(self, front: ASGIApp) -> None:
        """Serve ``front`` at an address of its own, which the service keeps until ``close``."""
        origin = self._address.enter_context(serving(front))
        self.resource |= {"uri": origin, "urls": [origin]}

    def take(self) -> Instance:
        """Return an instance of the revision that serves, or raise ``RevisionFailedError``."""
        with self._lock:
            if self.current is None:
                raise RevisionFailedError(f"Service {self.name} has no revision that is ready.")
            return self.current.take()

    def wake(self) -> Instance:
        """Take an instance for one request and wake it; it is not retired before its ``rest``."""
        with self._lock:
            instance = self.take()
            instance.wake()
            return instance

    def scale(self, instances: int) -> None:
        """Run that many instances of the revision that serves."""
        with self._lock:
            if self.current is not None:
                self.current.scale(instances)

    def deploy(self, failure: str | None) -> None:
        """Make a revision of ``resource`` serve; one that is not ready leaves the old one serving.

        Raise ``RevisionFailedError`` with its reason, or with ``failure``, which a test injected.
        """
        with self._deploying:
            revision = self._current_or_new_revision()
            self.resource |= {"latestCreatedRevision": f"{self.resource['name']}/revisions/{revision.name}"}
            try:
                self._start(revision, failure)
            except RevisionFailedError as error:
                revision.failure = str(error)
                raise
            finally:
                self._update_status(revision.failure)

    def close(self) -> None:
        """Stop all its instances, and release its port."""
        with self._lock:
            retiring, self.current = self.current, None
        if retiring:
            retiring.scale(0)
        self._address.close()

    def _current_or_new_revision(self) -> Revision:
        """Return the newest revision if it serves this template, otherwise a new one."""
        template = self.resource["template"]
        if self.revisions and not self.revisions[-1].failure and _same(self.revisions[-1].template, template):
            return self.revisions[-1]
        revision = Revision(
            machine=self._machine,
            fetch=self._fetch,
            assumptions=self._assumptions,
            service=self.name,
            name=f"{self.name}-{int(self.resource['generation']):05}-abc",
            template=template,
        )
        self.revisions.append(revision)
        return revision

    def _start(self, revision: Revision, failure: str | None) -> None:
        if failure:
            raise RevisionFailedError(failure)
        if revision is self.current:
            return
        revision.start()
        with self._lock:
            retiring, self.current = self.current, revision
        if retiring:
            retiring.scale(0)

    def _update_status(self, failure: str | None) -> None:
        now = rfc3339(self._clock.utc())
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
    """Compare templates; clients do not keep the order of environment variables, and it has no meaning."""
    return _sort_variables(one) == _sort_variables(other)


def _sort_variables(template: JsonObject) -> JsonObject:
    containers = [
        container | {"env": sorted(container.get("env", []), key=lambda variable: str(variable["name"]))}
        for container in template["containers"]
    ]
    return template | {"containers": containers}
