"""Clerk's errors: https://clerk.com/docs/errors/overview."""

from http import HTTPStatus

_KINDS: dict[str, tuple[int, str]] = {
    "request_body_invalid": (HTTPStatus.BAD_REQUEST, "Request body invalid"),
    "authentication_invalid": (HTTPStatus.UNAUTHORIZED, "Invalid authentication"),
    "authorization_invalid": (HTTPStatus.FORBIDDEN, "Unauthorized request"),
    "resource_not_found": (HTTPStatus.NOT_FOUND, "not found"),
    # As callers of the original have seen it.
    "host_invalid": (HTTPStatus.BAD_REQUEST, "Invalid host"),
    # The published specification has 409, HTTP itself 412 (RFC 9110, section 13.1.1).
    "config_version_mismatch": (HTTPStatus.PRECONDITION_FAILED, "Config version mismatch"),
    "form_param_invalid": (HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid configuration"),
    "too_many_requests": (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    "not_emulated": (HTTPStatus.NOT_IMPLEMENTED, "Not emulated"),
    "queued": (HTTPStatus.BAD_REQUEST, "Queued by a test"),
}


class ApiError(Exception):
    """A refusal of the API: its code and the long message; ``status`` overrides the code's own."""

    def __init__(self, code: str, message: str, *, status: int = 0, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.code, self.headers = code, headers or {}
        self.status = status or _KINDS[code][0]

    def to_json(self) -> dict[str, object]:
        """Return the body, ``ClerkErrors`` in Clerk's published specification."""
        error = {"message": _KINDS[self.code][1], "long_message": str(self), "code": self.code}
        return {"errors": [error], "clerk_trace_id": "emulated"}
