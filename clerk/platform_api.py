"""Clerk's Platform API: https://github.com/clerk/openapi-specs/blob/main/platform/beta.yml."""

import time
from http import HTTPStatus
from typing import Any

import httpx2

_TIMEOUT_SECONDS = 30
_ATTEMPTS = 5
_MAX_WAIT_SECONDS = 30.0


class ClerkError(Exception):
    """A call failed; the message says why, in Clerk's words if there are any."""


class RefusedError(ClerkError):
    """Clerk refused the call; nothing was changed."""


class NotFoundError(RefusedError):
    """The application or the instance does not exist, or not for this key."""


class ConflictError(RefusedError):
    """The configuration has changed since it was read."""


class AnswerLostError(ClerkError):
    """A change was sent, and Clerk may have made it; no answer says so."""


_REFUSALS: dict[int, type[RefusedError]] = {
    HTTPStatus.NOT_FOUND: NotFoundError,
    # The published specification has 409 where If-Match does not match, HTTP itself 412 (RFC 9110, section 13.1.1).
    HTTPStatus.CONFLICT: ConflictError,
    HTTPStatus.PRECONDITION_FAILED: ConflictError,
}


class PlatformApi:
    """A client for one origin and one platform key, which never appears in an error."""

    def __init__(self, origin: str, key: str) -> None:
        self._client = httpx2.Client(
            base_url=f"{origin}/v1/platform/", headers={"Authorization": f"Bearer {key}"}, timeout=_TIMEOUT_SECONDS
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Return what is at ``path``, or raise a ``ClerkError``."""
        answer = self._request("GET", path, params=query)
        try:
            return answer.json()
        except ValueError:
            raise ClerkError("Clerk's answer is not JSON: set apiOrigin to the origin of its Platform API.") from None

    def patch(self, path: str, changes: dict[str, Any], version: str, *, dry_run: bool) -> None:
        """Change what is at ``path`` if it still has this ``version``, or only ask whether that would work."""
        headers, query = {"If-Match": version}, {"dry_run": "true" if dry_run else "false"}
        self._request("PATCH", path, json=changes, headers=headers, params=query)

    def _request(self, method: str, path: str, **request: Any) -> httpx2.Response:  # noqa: ANN401  # httpx2's own arguments
        answer = self._send(method, path, **request)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            kind = ClerkError if method == "GET" else AnswerLostError
            raise kind(f"Clerk failed with status {answer.status_code}: {_reason(answer)}")
        if not answer.is_success:
            kind = _REFUSALS.get(answer.status_code, RefusedError)
            raise kind(f"Clerk refuses with status {answer.status_code}: {_reason(answer)}")
        return answer

    def _send(self, method: str, path: str, **request: Any) -> httpx2.Response:  # noqa: ANN401  # the same
        """Send a call, and repeat it while Clerk's rate limit is used up."""
        try:
            for _ in range(_ATTEMPTS - 1):
                answer = self._client.request(method, path, **request)
                if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                    return answer
                time.sleep(_wait_seconds(answer))
            return self._client.request(method, path, **request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise ClerkError(f"Clerk cannot be reached at {self._client.base_url.host}: {error}") from None
        except httpx2.TransportError as error:
            kind = ClerkError if method == "GET" else AnswerLostError
            raise kind(f"Clerk gave no answer: {error or type(error).__name__}") from None


def _reason(answer: httpx2.Response) -> str:
    try:
        errors = answer.json()["errors"]
        return "; ".join(error.get("long_message") or error["message"] for error in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.reason_phrase


# https://clerk.com/docs/guides/how-clerk-works/system-limits
def _wait_seconds(answer: httpx2.Response) -> float:
    seconds = answer.headers.get("retry-after", "")
    return min(float(seconds), _MAX_WAIT_SECONDS) if seconds.isdecimal() else 1.0
