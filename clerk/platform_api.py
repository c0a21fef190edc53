"""Clerk's Platform API: one call at a time, with what went wrong as one of four errors.

https://github.com/clerk/openapi-specs/blob/main/platform/beta.yml
"""

import time
from http import HTTPStatus
from typing import Any

import httpx2

_DEADLINE_SECONDS = 30
_TRIES = 5
_LONGEST_WAIT_SECONDS = 30.0


class ClerkError(Exception):
    """Clerk could not be made to do something; the message says why, in Clerk's words where there are any."""


class Refused(ClerkError):
    """Clerk understood the call and said no; nothing was changed."""


class NotFound(Refused):
    """The application or the instance does not exist, or not for this key."""


class Conflict(Refused):
    """The configuration has changed since it was read."""


_REFUSALS: dict[int, type[Refused]] = {
    HTTPStatus.NOT_FOUND: NotFound,
    # The published specification has 409 where If-Match does not match, HTTP itself 412 (RFC 9110, section 13.1.1).
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.PRECONDITION_FAILED: Conflict,
}


class AnswerLost(ClerkError):
    """A change was sent and may have been made; no answer says so."""


class PlatformApi:
    """The API at an origin, for a platform key, which never appears in an error."""

    def __init__(self, origin: str, key: str) -> None:
        """Prepare to call; nothing is sent yet."""
        self._client = httpx2.Client(
            base_url=f"{origin}/v1/platform/", headers={"Authorization": f"Bearer {key}"}, timeout=_DEADLINE_SECONDS
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Return what is at ``path``, or raise a ``ClerkError``."""
        answer = self._answered("GET", path, params=query)
        try:
            return answer.json()
        except ValueError:
            raise ClerkError("Clerk's answer is no JSON: apiOrigin takes where its Platform API lives.") from None

    def patch(self, path: str, changes: dict[str, Any], version: str, *, dry_run: bool) -> None:
        """Change what is at ``path`` while it has this ``version``, or only ask whether that would work."""
        headers, query = {"If-Match": version}, {"dry_run": "true" if dry_run else "false"}
        self._answered("PATCH", path, json=changes, headers=headers, params=query)

    def _answered(self, method: str, path: str, **request: Any) -> httpx2.Response:  # noqa: ANN401  # httpx2's own arguments
        answer = self._answer(method, path, **request)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            kind = ClerkError if method == "GET" else AnswerLost
            raise kind(f"Clerk failed with status {answer.status_code}: {_words(answer)}")
        if not answer.is_success:
            kind = _REFUSALS.get(answer.status_code, Refused)
            raise kind(f"Clerk refuses with status {answer.status_code}: {_words(answer)}")
        return answer

    def _answer(self, method: str, path: str, **request: Any) -> httpx2.Response:  # noqa: ANN401  # the same
        """Send a call, again for as long as Clerk says to come back later."""
        try:
            for _ in range(_TRIES - 1):
                answer = self._client.request(method, path, **request)
                if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                    return answer
                time.sleep(_wait_seconds(answer))
            return self._client.request(method, path, **request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise ClerkError(f"Clerk cannot be reached at {self._client.base_url.host}: {error}") from None
        except httpx2.TransportError as error:
            kind = ClerkError if method == "GET" else AnswerLost
            raise kind(f"Clerk gave no answer: {error or type(error).__name__}") from None


def _words(answer: httpx2.Response) -> str:
    try:
        errors = answer.json()["errors"]
        return "; ".join(error.get("long_message") or error["message"] for error in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.reason_phrase


def _wait_seconds(answer: httpx2.Response) -> float:
    """Return how long Clerk asks to wait (https://clerk.com/docs/guides/how-clerk-works/system-limits), in bounds."""
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), _LONGEST_WAIT_SECONDS) if asked.isdecimal() else 1.0
