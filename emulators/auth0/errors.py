"""Errors of the Management API, of the OAuth endpoints and of a sign-in."""

from http import HTTPStatus
from typing import ClassVar

from starlette.responses import JSONResponse

_STATUSES = {
    "invalid_body": HTTPStatus.BAD_REQUEST,
    "invalid_query_string": HTTPStatus.BAD_REQUEST,
    "invalid_uri": HTTPStatus.BAD_REQUEST,
    "invalid_token": HTTPStatus.UNAUTHORIZED,
    "insufficient_scope": HTTPStatus.FORBIDDEN,
    "inexistent_connection": HTTPStatus.NOT_FOUND,
    "inexistent_client": HTTPStatus.NOT_FOUND,
    "inexistent_user": HTTPStatus.NOT_FOUND,
    "inexistent_log": HTTPStatus.NOT_FOUND,
    "connection_conflict": HTTPStatus.CONFLICT,
    "too_many_requests": HTTPStatus.TOO_MANY_REQUESTS,
    "not_emulated": HTTPStatus.NOT_IMPLEMENTED,
}


class ManagementError(Exception):
    """The Management API refuses a call (https://auth0.com/docs/api/management/v2)."""

    def __init__(self, code: str, message: str, *, status: int = 0, headers: dict[str, str] | None = None) -> None:
        """Refuse with an error code of Auth0's, whose status is known, or with any ``status``."""
        super().__init__(message)
        self.code = code
        self.status = HTTPStatus(status or _STATUSES[code])
        self.headers = headers or {}

    def response(self) -> JSONResponse:
        body = {
            "statusCode": self.status.value,
            "error": self.status.phrase,
            "message": str(self),
            "errorCode": self.code,
        }
        return JSONResponse(body, self.status, headers=self.headers)


class NotEmulatedError(ManagementError):
    """Auth0 may accept this, but the emulator does not support it."""

    def __init__(self, what: str) -> None:
        """Name what is not emulated, such as "GET /api/v2/actions"."""
        super().__init__("not_emulated", f"The emulated Auth0 does not know {what}")


class OAuthError(Exception):
    """An OAuth endpoint refuses; the message is its ``error_description``."""

    NO_STORE: ClassVar[dict[str, str]] = {"Cache-Control": "no-store", "Pragma": "no-cache"}

    def __init__(self, status: int, error: str, description: str) -> None:
        """Refuse with an error of RFC 6749, section 5.2, or one of Auth0's own."""
        super().__init__(description)
        self.status = HTTPStatus(status)
        self.error = error
        self.headers = dict(self.NO_STORE)

    def response(self) -> JSONResponse:
        body = {"error": self.error, "error_description": str(self)}
        return JSONResponse(body, self.status, headers=self.headers)


class LoginPageError(Exception):
    """Auth0 shows its own error page, because it knows no safe address to redirect to.

    https://auth0.com/docs/authenticate/login/auth0-universal-login/error-pages
    """

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


class SignInError(Exception):
    """The application gets an error and a description at its callback (RFC 6749, section 4.1.2.1)."""

    def __init__(self, error: str, description: str, *, details: object = None) -> None:
        """Refuse; ``details`` are written to the tenant's log only."""
        super().__init__(description)
        self.error = error
        self.details = details
