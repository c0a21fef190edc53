"""Google's refusals: each knows its own status, word and body (https://google.aip.dev/193)."""

from http import HTTPStatus
from typing import Any

JsonObject = dict[str, Any]

_TITLES = {
    "cloudbilling.googleapis.com": "Cloud Billing API",
    "cloudresourcemanager.googleapis.com": "Cloud Resource Manager API",
    "iam.googleapis.com": "Identity and Access Management (IAM) API",
    "run.googleapis.com": "Cloud Run Admin API",
    "storage.googleapis.com": "Cloud Storage JSON API",
}


class ApiError(Exception):
    """A refusal; ``word`` is what gRPC-born APIs call it, ``reason`` what Cloud Storage does."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    word = "INTERNAL"
    reason = "internalError"
    domain = "global"
    in_both_forms = False

    def __init__(self, message: str) -> None:
        """Say ``message`` to whoever asked."""
        super().__init__(message)
        self.message = message

    def details(self) -> list[JsonObject]:
        """Return the typed details that go with this refusal: none, as a rule."""
        return []

    def legacy(self) -> list[JsonObject]:
        """Return the older ``errors`` list, which Cloud Storage answers with."""
        return [{"message": self.message, "domain": self.domain, "reason": self.reason}]

    def body(self, *, storage: bool) -> JsonObject:
        """Return the answer's body; ``storage`` asks for the form of the JSON API of Cloud Storage."""
        error: JsonObject = {"code": int(self.status), "message": self.message}
        if storage or self.in_both_forms:
            error["errors"] = self.legacy()
        if not storage or self.in_both_forms:
            error |= {"status": self.word} | ({"details": self.details()} if self.details() else {})
        return {"error": error}


class InvalidArgument(ApiError):
    """The request is malformed or against the rules."""

    status = HTTPStatus.BAD_REQUEST
    word = "INVALID_ARGUMENT"
    reason = "invalid"


class FailedPrecondition(ApiError):
    """The request is fine, the state of things is not."""

    status = HTTPStatus.BAD_REQUEST
    word = "FAILED_PRECONDITION"
    reason = "failedPrecondition"


class Unauthenticated(ApiError):
    """The request carries no token."""

    status = HTTPStatus.UNAUTHORIZED
    word = "UNAUTHENTICATED"
    reason = "required"


class PermissionDenied(ApiError):
    """The caller may not do this."""

    status = HTTPStatus.FORBIDDEN
    word = "PERMISSION_DENIED"
    reason = "forbidden"


class NotFound(ApiError):
    """What was named is not there."""

    status = HTTPStatus.NOT_FOUND
    word = "NOT_FOUND"
    reason = "notFound"


class AlreadyExists(ApiError):
    """What was to be made is there."""

    status = HTTPStatus.CONFLICT
    word = "ALREADY_EXISTS"
    reason = "conflict"


class Aborted(ApiError):
    """Somebody else changed it since the caller's ``etag``."""

    status = HTTPStatus.CONFLICT
    word = "ABORTED"
    reason = "conflict"


class Unimplemented(ApiError):
    """The original may know this; the emulator does not."""

    status = HTTPStatus.NOT_IMPLEMENTED
    word = "UNIMPLEMENTED"
    reason = "notImplemented"


class ServiceDisabled(PermissionDenied):
    """The API is not enabled in the project (https://docs.cloud.google.com/service-usage/docs/enable-disable)."""

    reason = "accessNotConfigured"
    domain = "usageLimits"
    in_both_forms = True

    def __init__(self, api: str, project: str) -> None:
        """Name the API, like ``run.googleapis.com``, and where it can be enabled."""
        self._api, self._project = api, project
        self._page = f"https://console.developers.google.com/apis/api/{api}/overview?project={project}"
        super().__init__(
            f"{_TITLES.get(api, api)} has not been used in project {project} before or it is disabled. Enable it by "
            f"visiting {self._page} then retry. If you enabled this API recently, wait a few minutes for the action "
            "to propagate to our systems and retry."
        )

    def details(self) -> list[JsonObject]:
        """Return the ErrorInfo that clients look for."""
        return [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": self._api,
                    "consumer": f"projects/{self._project}",
                    "serviceTitle": _TITLES.get(self._api, self._api),
                    "activationUrl": self._page,
                },
            }
        ]

    def legacy(self) -> list[JsonObject]:
        """Return the older form, with the page that helps."""
        return [item | {"extendedHelp": self._page} for item in super().legacy()]
