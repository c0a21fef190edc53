"""What Clerk says when it refuses: one family, one body, as https://clerk.com/docs/errors/overview has them."""

from http import HTTPStatus

from starlette.responses import JSONResponse


class ClerkError(Exception):
    """The Platform API refuses; the message is shown to the caller as the long one."""

    status: int = HTTPStatus.BAD_REQUEST
    code: str = "bad_request"
    brief: str = "Bad request"

    def answer(self) -> JSONResponse:
        """Return the refusal in the form ``ClerkErrors`` of Clerk's published specification."""
        error = {"message": self.brief, "long_message": str(self), "code": self.code}
        return JSONResponse({"errors": [error], "clerk_trace_id": "emulated"}, self.status, headers=self.headers())

    def headers(self) -> dict[str, str]:
        """Return what goes beside the body."""
        return {}


class MalformedRequest(ClerkError):
    """The body or the query has not the form that the call takes."""

    code = "request_body_invalid"
    brief = "Request body invalid"


class AuthenticationInvalid(ClerkError):
    """The platform key is missing or unknown."""

    status = HTTPStatus.UNAUTHORIZED
    code = "authentication_invalid"
    brief = "Invalid authentication"


class AuthorizationInvalid(ClerkError):
    """The platform key does not hold the scope that the call needs."""

    status = HTTPStatus.FORBIDDEN
    code = "authorization_invalid"
    brief = "Unauthorized request"


class ResourceNotFound(ClerkError):
    """No application or instance is called so in the key's workspace."""

    status = HTTPStatus.NOT_FOUND
    code = "resource_not_found"
    brief = "not found"


class HostInvalid(ClerkError):
    """No instance has its Frontend API at the host that was asked (as observed by callers of the original)."""

    code = "host_invalid"
    brief = "Invalid host"


class VersionConflict(ClerkError):
    """The configuration has changed since the version in If-Match."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "config_version_mismatch"
    brief = "Config version mismatch"


class Unprocessable(ClerkError):
    """The configuration would not be one that Clerk takes."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "form_param_invalid"
    brief = "Invalid configuration"


class TooManyRequests(ClerkError):
    """The workspace's rate limit is used up for some seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_requests"
    brief = "Too many requests"

    def __init__(self, seconds: int) -> None:
        """Refuse for so many ``seconds``."""
        super().__init__("Too many requests. Please try again in a bit.")
        self.seconds = seconds

    def headers(self) -> dict[str, str]:
        """Say when to come again (https://clerk.com/docs/guides/how-clerk-works/system-limits)."""
        return {"Retry-After": str(self.seconds)}


class NotEmulated(ClerkError):
    """Clerk may answer this; the emulator does not."""

    status = HTTPStatus.NOT_IMPLEMENTED
    code = "not_emulated"
    brief = "Not emulated"


class Queued(ClerkError):
    """A refusal that a test has asked for."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Refuse with any status and any code."""
        super().__init__(message)
        self.status, self.code = status, code
