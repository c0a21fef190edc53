"""What Auth0 says when it refuses: one family for the Management API, one for its OAuth endpoints."""

from http import HTTPStatus
from typing import ClassVar

from starlette.responses import JSONResponse


class ManagementError(Exception):
    """The Management API refuses; the message is shown to the caller."""

    status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR
    error_code: str = "internal_error"

    def __init__(self, message: str, *, headers: dict[str, str] | None = None) -> None:
        """Refuse with ``message``, and with ``headers`` beside it."""
        super().__init__(message)
        self.headers = headers or {}

    def answer(self) -> JSONResponse:
        """Return the refusal in the form of https://auth0.com/docs/api/management/v2."""
        body = {
            "statusCode": self.status.value,
            "error": self.status.phrase,
            "message": str(self),
            "errorCode": self.error_code,
        }
        return JSONResponse(body, self.status, headers=self.headers)


class InvalidBody(ManagementError):
    """The body does not have the form that the call takes."""

    status = HTTPStatus.BAD_REQUEST
    error_code = "invalid_body"


class InvalidQuery(ManagementError):
    """The query does not have the form that the call takes."""

    status = HTTPStatus.BAD_REQUEST
    error_code = "invalid_query_string"


class InvalidPath(ManagementError):
    """The path names something that cannot exist."""

    status = HTTPStatus.BAD_REQUEST
    error_code = "invalid_uri"


class InvalidToken(ManagementError):
    """The access token is missing, unknown or expired."""

    status = HTTPStatus.UNAUTHORIZED
    error_code = "invalid_token"


class InsufficientScope(ManagementError):
    """The access token holds none of the scopes that the call needs."""

    status = HTTPStatus.FORBIDDEN
    error_code = "insufficient_scope"


class NoSuchConnection(ManagementError):
    """No connection has this id."""

    status = HTTPStatus.NOT_FOUND
    error_code = "inexistent_connection"


class NoSuchClient(ManagementError):
    """No application has this client id."""

    status = HTTPStatus.NOT_FOUND
    error_code = "inexistent_client"


class NoSuchUser(ManagementError):
    """No user has this id."""

    status = HTTPStatus.NOT_FOUND
    error_code = "inexistent_user"


class NoSuchLog(ManagementError):
    """No event of the tenant's log has this id."""

    status = HTTPStatus.NOT_FOUND
    error_code = "inexistent_log"


class ConnectionConflict(ManagementError):
    """The name of a connection is taken."""

    status = HTTPStatus.CONFLICT
    error_code = "connection_conflict"


class TooManyRequests(ManagementError):
    """The tenant's rate limit is used up."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    error_code = "too_many_requests"


class NotEmulated(ManagementError):
    """Auth0 may answer this; the emulator does not."""

    status = HTTPStatus.NOT_IMPLEMENTED
    error_code = "not_emulated"


class Queued(ManagementError):
    """A refusal that a test has asked for."""

    def __init__(self, status: int, error_code: str, message: str, headers: dict[str, str]) -> None:
        """Refuse with any status and any error code."""
        super().__init__(message, headers=headers)
        self.status = HTTPStatus(status)
        self.error_code = error_code


class OAuthError(Exception):
    """The token endpoint refuses; the message is its ``error_description``."""

    NO_STORE: ClassVar = {"Cache-Control": "no-store", "Pragma": "no-cache"}

    def __init__(self, status: int, code: str, description: str) -> None:
        """Refuse with the error ``code`` of RFC 6749, section 5.2, or of Auth0's own."""
        super().__init__(description)
        self.status = HTTPStatus(status)
        self.code = code

    def answer(self) -> JSONResponse:
        """Return the refusal as RFC 6749, section 5.2, has it."""
        body = {"error": self.code, "error_description": str(self)}
        return JSONResponse(body, self.status, headers=self.NO_STORE)
