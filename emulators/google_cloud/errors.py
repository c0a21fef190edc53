"""Google's errors and their bodies (https://google.aip.dev/193)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Literal

from emulators.google_cloud.wire import JsonObject

Kind = Literal[
    "ABORTED",
    "ALREADY_EXISTS",
    "FAILED_PRECONDITION",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "UNIMPLEMENTED",
]

# The HTTP status of each kind, and the reason that Cloud Storage gives in its place.
_KINDS: dict[Kind, tuple[HTTPStatus, str]] = {
    "ABORTED": (HTTPStatus.CONFLICT, "conflict"),
    "ALREADY_EXISTS": (HTTPStatus.CONFLICT, "conflict"),
    "FAILED_PRECONDITION": (HTTPStatus.BAD_REQUEST, "failedPrecondition"),
    "INVALID_ARGUMENT": (HTTPStatus.BAD_REQUEST, "invalid"),
    "NOT_FOUND": (HTTPStatus.NOT_FOUND, "notFound"),
    "PERMISSION_DENIED": (HTTPStatus.FORBIDDEN, "forbidden"),
    "UNAUTHENTICATED": (HTTPStatus.UNAUTHORIZED, "required"),
    "UNIMPLEMENTED": (HTTPStatus.NOT_IMPLEMENTED, "notImplemented"),
}
_TITLES = {
    "cloudbilling.googleapis.com": "Cloud Billing API",
    "cloudkms.googleapis.com": "Cloud Key Management Service (KMS) API",
    "cloudresourcemanager.googleapis.com": "Cloud Resource Manager API",
    "iam.googleapis.com": "Identity and Access Management (IAM) API",
    "run.googleapis.com": "Cloud Run Admin API",
    "storage.googleapis.com": "Cloud Storage JSON API",
}


class ApiError(Exception):
    """A refusal. ``legacy`` entries form the older ``errors`` list beside ``details``."""

    def __init__(
        self,
        kind: Kind,
        message: str,
        details: Sequence[JsonObject] = (),
        legacy: JsonObject | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.message = message
        self.details = list(details)
        self.status, self._reason = _KINDS[kind]
        self._legacy = legacy

    def body(self, *, storage: bool) -> JsonObject:
        """Return the body; the JSON API of Cloud Storage (``storage``) has a form of its own."""
        error: JsonObject = {"code": int(self.status), "message": self.message}
        if storage or self._legacy:
            older = {"message": self.message, "domain": "global", "reason": self._reason}
            error["errors"] = [older | (self._legacy or {})]
        if not storage or self._legacy:
            error |= {"status": self.kind} | ({"details": self.details} if self.details else {})
        return {"error": error}


def field_violation(field: str, sentence: str) -> ApiError:
    """Return the refusal of one field, as Cloud Run's Admin API v2 words it."""
    violation = {"field": field, "description": sentence}
    details = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    return ApiError("INVALID_ARGUMENT", f"{field}: {sentence}", [details])


def error_info(reason: str, **metadata: str) -> JsonObject:
    """Return the machine-readable detail of a refusal."""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }


def permission_denied(permission: str, resource: str, email: str) -> ApiError:
    """Return the refusal of a caller without ``permission``; Cloud Storage has words of its own."""
    info = error_info("IAM_PERMISSION_DENIED", permission=permission, resource=resource)
    if permission.startswith("storage."):
        place = "Storage object" if permission.startswith("storage.objects.") else "Storage bucket"
        place = "project" if permission == "storage.buckets.create" else place
        return ApiError(
            "PERMISSION_DENIED",
            f"{email} does not have {permission} access to the Google Cloud {place}. Permission '{permission}' denied "
            "on resource (or it may not exist).",
        )
    it = "resource" if permission.startswith("run.") else "it"
    message = f"Permission '{permission}' denied on resource '{resource}' (or {it} may not exist)."
    return ApiError("PERMISSION_DENIED", message, [info])


def quota_project_missing(api: str) -> ApiError:
    """Return the refusal of a person's credentials that name no quota project."""
    info = error_info("SERVICE_DISABLED", service=api, consumer="projects/764086051850")
    return ApiError(
        "PERMISSION_DENIED",
        "Your application is authenticating by using local Application Default Credentials. "
        f"The {api} API requires a quota project, which is not set by default. To learn how to set your quota project, "
        "see https://cloud.google.com/docs/authentication/adc-troubleshooting/user-creds .",
        [info],
    )


def service_disabled(api: str, project: str) -> ApiError:
    """Return the refusal of an API that is not enabled: https://docs.cloud.google.com/service-usage/docs/enable-disable.

    ``project`` is the project's number.
    """
    title = _TITLES.get(api, api)
    page = f"https://console.developers.google.com/apis/api/{api}/overview?project={project}"
    info = error_info(
        "SERVICE_DISABLED",
        service=api,
        consumer=f"projects/{project}",
        serviceTitle=title,
        activationUrl=page,
    )
    return ApiError(
        "PERMISSION_DENIED",
        f"{title} has not been used in project {project} before or it is disabled. Enable it by visiting {page} then "
        "retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and "
        "retry.",
        [info],
        {"reason": "accessNotConfigured", "domain": "usageLimits", "extendedHelp": page},
    )
