"""What a bucket holds: every version of every object, and the rules by which they go."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from emulators.google_cloud.clock import Clock
from emulators.google_cloud.errors import InvalidArgument, JsonObject, NotFound, Unimplemented


@dataclass(kw_only=True)
class StoredObject:
    """One version of an object; it is noncurrent from the moment it has a ``timeDeleted``."""

    resource: JsonObject
    content: bytes = field(repr=False)

    @property
    def live(self) -> bool:
        """Tell whether this is the version that the bare name means."""
        return "timeDeleted" not in self.resource


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """A version as lifecycle conditions see it."""

    stored: StoredObject
    newer: int
    now: datetime

    def days_since(self, moment: str) -> float:
        return (self.now - datetime.fromisoformat(self.stored.resource[moment])) / timedelta(days=1)


# https://docs.cloud.google.com/storage/docs/lifecycle#conditions
_CONDITIONS: dict[str, Callable[[_Subject, Any], bool]] = {
    "age": lambda subject, days: subject.days_since("timeCreated") >= days,
    "daysSinceNoncurrentTime": lambda subject, days: (
        not subject.stored.live and subject.days_since("timeDeleted") >= days
    ),
    "isLive": lambda subject, live: subject.stored.live is live,
    "numNewerVersions": lambda subject, count: subject.newer >= count,
}


def check_lifecycle(bucket: JsonObject) -> None:
    """Refuse rules that Google would refuse, and those that are not known here."""
    for rule in bucket.get("lifecycle", {}).get("rule", []):
        if rule["action"]["type"] != "Delete":
            raise Unimplemented(f"This emulator knows no lifecycle action {rule['action']['type']}.")
        if not rule.get("condition"):
            raise InvalidArgument("A lifecycle rule must have at least one condition.")
        if unknown := sorted(set(rule["condition"]) - set(_CONDITIONS)):
            raise Unimplemented(f"This emulator knows no lifecycle condition {', '.join(unknown)}.")


@dataclass(kw_only=True)
class Bucket:
    """A bucket: what describes it, and its objects from the oldest version to the newest."""

    resource: JsonObject
    clock: Clock
    objects: list[StoredObject] = field(default_factory=list[StoredObject])

    @property
    def versioned(self) -> bool:
        """Tell whether replaced and deleted objects are kept as noncurrent versions."""
        return bool(self.resource.get("versioning", {}).get("enabled"))

    def version(self, name: str, generation: str | None = None) -> StoredObject:
        """Return the live version of an object or the one of ``generation``; 404 where there is none."""
        for stored in self.objects:
            right = stored.live if generation is None else stored.resource["generation"] == generation
            if stored.resource["name"] == name and right:
                return stored
        raise NotFound(f"No such object: {self.resource['name']}/{name}")

    def put(self, stored: StoredObject) -> None:
        """Take a new live version; the one before becomes noncurrent, or goes."""
        for older in [o for o in self.objects if o.live and o.resource["name"] == stored.resource["name"]]:
            self._retire(older)
        self.objects.append(stored)

    def delete(self, name: str, generation: str | None = None) -> None:
        """Delete one generation for good, or, without one, make the live version noncurrent; 404 where none is."""
        stored = self.version(name, generation)
        if generation is None:
            self._retire(stored)
        else:
            self.objects.remove(stored)

    def sweep(self) -> None:
        """Apply the lifecycle rules at the clock's time."""
        for stored in [stored for stored in self.objects if self._condemned(stored)]:
            self.delete(stored.resource["name"], None if stored.live else stored.resource["generation"])

    def _retire(self, stored: StoredObject) -> None:
        if self.versioned:
            stored.resource["timeDeleted"] = self.clock.stamp()
        else:
            self.objects.remove(stored)

    def _condemned(self, stored: StoredObject) -> bool:
        later = self.objects[self.objects.index(stored) + 1 :]
        newer = sum(other.resource["name"] == stored.resource["name"] for other in later)
        subject = _Subject(stored=stored, newer=newer, now=self.clock.now())
        return any(
            all(_CONDITIONS[name](subject, value) for name, value in rule["condition"].items())
            for rule in self.resource.get("lifecycle", {}).get("rule", [])
        )
