"""IAM policies, guarded by an etag (https://docs.cloud.google.com/iam/docs/policies)."""

import base64
import itertools
from dataclasses import dataclass, field

from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.wire import JsonObject

_NEVER_SET = "ACAB"
_versions = itertools.count(1)


@dataclass
class Policy:
    """The policy of one resource; the etag of one that was never set is ``ACAB``."""

    resource: JsonObject = field(default_factory=lambda: {"etag": _NEVER_SET})

    def replace(self, wanted: JsonObject) -> JsonObject:
        """Store ``wanted`` and return it with a new etag; refuse a stale etag with 409."""
        if wanted.get("etag", self.resource["etag"]) != self.resource["etag"]:
            raise ApiError("ABORTED", "There were concurrent policy changes. Please retry the whole read-modify-write.")
        etag = base64.b64encode(f"policy-{next(_versions):05}".encode()).decode()
        bindings = [binding for binding in wanted.get("bindings", []) if binding.get("members")]
        self.resource = {"version": 1, "etag": etag} | ({"bindings": bindings} if bindings else {})
        return self.resource

    def grants(self, role: str, member: str) -> bool:
        """Tell whether ``member`` has ``role`` without a condition."""
        return any(
            binding["role"] == role and member in binding["members"] and "condition" not in binding
            for binding in self.resource.get("bindings", [])
        )
