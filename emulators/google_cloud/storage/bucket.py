"""A bucket, every version of its objects, and the lifecycle rule that deletes them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.wire import JsonObject, rfc3339
from emulators.kit.clock import Clock

_NONCURRENT = "daysSinceNoncurrentTime"


@dataclass(kw_only=True)
class StoredObject:
    """One version of an object; it is noncurrent once it has a ``timeDeleted``."""

    resource: JsonObject
    content: bytes = field(repr=False)

    @property
    def live(self) -> bool:
        """Tell whether a name without a generation means this version."""
        return "timeDeleted" not in self.resource


def check_lifecycle(bucket: JsonObject) -> None:
    """Refuse rules other than deletion some days after a version became noncurrent, the only ones emulated."""
    for rule in bucket.get("lifecycle", {}).get("rule", []):
        if rule["action"]["type"] != "Delete":
            raise ApiError("UNIMPLEMENTED", f"This emulator has no lifecycle action {rule['action']['type']}.")
        if not rule.get("condition"):
            raise ApiError("INVALID_ARGUMENT", "A lifecycle rule must have at least one condition.")
        if unknown := sorted(set(rule["condition"]) - {_NONCURRENT}):
            raise ApiError("UNIMPLEMENTED", f"This emulator has no lifecycle condition {', '.join(unknown)}.")


@dataclass(kw_only=True)
class Bucket:
    """A bucket and its objects, from the oldest version to the newest."""

    resource: JsonObject
    clock: Clock
    objects: list[StoredObject] = field(default_factory=list[StoredObject])

    def version(self, name: str, generation: str | None = None) -> StoredObject:
        """Return the live version of an object, or the one of ``generation``; 404 if there is none."""
        for stored in self.objects:
            matches = stored.live if generation is None else stored.resource["generation"] == generation
            if stored.resource["name"] == name and matches:
                return stored
        raise ApiError("NOT_FOUND", f"No such object: {self.resource['name']}/{name}")

    def put(self, stored: StoredObject) -> None:
        """Add a new live version; the one before becomes noncurrent, or is deleted."""
        for older in [o for o in self.objects if o.live and o.resource["name"] == stored.resource["name"]]:
            self._retire(older)
        self.objects.append(stored)

    def delete(self, name: str, generation: str | None = None) -> None:
        """Delete one generation for good or, without one, make the live version noncurrent; 404 if there is none."""
        stored = self.version(name, generation)
        if generation is None:
            self._retire(stored)
        else:
            self.objects.remove(stored)

    def apply_lifecycle(self) -> None:
        """Delete what the lifecycle rules delete at the clock's time."""
        for rule in self.resource.get("lifecycle", {}).get("rule", []):
            limit = self.clock.utc() - timedelta(days=rule["condition"][_NONCURRENT])
            self.objects = [stored for stored in self.objects if stored.live or _retired(stored) > limit]

    def _retire(self, stored: StoredObject) -> None:
        if self.resource.get("versioning", {}).get("enabled"):
            stored.resource["timeDeleted"] = rfc3339(self.clock.utc())
        else:
            self.objects.remove(stored)


def _retired(stored: StoredObject) -> datetime:
    return datetime.fromisoformat(stored.resource["timeDeleted"])
