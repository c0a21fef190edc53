"""Callers, and the permissions of their roles."""

from collections.abc import Mapping
from dataclasses import dataclass


def _all(resource: str, *verbs: str) -> frozenset[str]:
    return frozenset(f"{resource}.{verb}" for verb in verbs)


_WRITE = ("create", "delete", "get", "update")
_PROJECT = _all("resourcemanager.projects", "get")
_READ_RUN = _PROJECT | _all("run.operations", "get") | _all("run.services", "get", "getIamPolicy")
_READ_APIS = _all("serviceusage.services", "get", "list")
_READ_ACCOUNTS = _PROJECT | _all("iam.serviceAccounts", "get")
_READ_OBJECTS = _all("storage.objects", "get", "list")
_READ_MONITORING = frozenset[str]().union(
    *(_all(f"monitoring.{what}", "get") for what in ("alertPolicies", "notificationChannels", "uptimeCheckConfigs"))
)
# Those permissions of each role that a call of this emulator needs. They are listed at
# https://docs.cloud.google.com/iam/docs/roles-permissions and, as data, in iann0036/iam-dataset.
ROLES: Mapping[str, frozenset[str]] = {
    "roles/iam.serviceAccountAdmin": _READ_ACCOUNTS | _all("iam.serviceAccounts", *_WRITE, "getIamPolicy"),
    "roles/iam.serviceAccountUser": _READ_ACCOUNTS | _all("iam.serviceAccounts", "actAs"),
    "roles/iam.serviceAccountViewer": _READ_ACCOUNTS,
    "roles/logging.configWriter": _PROJECT | _all("logging.notificationRules", "create"),
    "roles/monitoring.alertPolicyEditor": _all("monitoring.alertPolicies", *_WRITE),
    "roles/monitoring.notificationChannelEditor": _all("monitoring.notificationChannels", *_WRITE),
    "roles/monitoring.uptimeCheckConfigEditor": _all("monitoring.uptimeCheckConfigs", *_WRITE),
    "roles/monitoring.viewer": _READ_MONITORING | _PROJECT,
    "roles/run.admin": _READ_RUN | _all("run.services", *_WRITE, "setIamPolicy"),
    "roles/run.developer": _READ_RUN | _all("run.services", *_WRITE),
    "roles/run.viewer": _READ_RUN,
    "roles/serviceusage.serviceUsageAdmin": _READ_APIS | _all("serviceusage.services", "enable", "use"),
    "roles/serviceusage.serviceUsageConsumer": _READ_APIS | _all("serviceusage.services", "use"),
    "roles/serviceusage.serviceUsageViewer": _READ_APIS,
    "roles/storage.admin": _PROJECT
    | _READ_OBJECTS
    | _all("storage.objects", "create", "delete")
    | _all("storage.buckets", *_WRITE, "getIamPolicy")
    | _all("storage.anywhereCaches", "list"),
    "roles/storage.bucketViewer": _all("storage.buckets", "get"),
    "roles/storage.objectViewer": _READ_OBJECTS | _PROJECT,
    "roles/viewer": _READ_RUN | _READ_APIS | _READ_ACCOUNTS | _READ_MONITORING,
}
OWNER = "roles/owner"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The identity of an access token: a service account or a person, with their roles on the project."""

    email: str = "deployer@proj-1.iam.gserviceaccount.com"
    roles: frozenset[str] = frozenset({OWNER})
    is_person: bool = False

    def has(self, permission: str) -> bool:
        return OWNER in self.roles or any(permission in ROLES[role] for role in self.roles)
