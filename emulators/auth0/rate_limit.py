"""The Management API's rate limit: so many calls in a window of so many seconds."""

import time
from dataclasses import dataclass
from math import ceil

from emulators.auth0.errors import ManagementError


@dataclass(kw_only=True)
class RateLimit:
    """``limit`` calls in each window of ``seconds``, by the machine's clock, since callers wait by theirs."""

    limit: int = 1000
    seconds: float = 1.0
    _remaining: int = 0
    _reset: float = 0.0

    def take(self) -> None:
        """Count one call, or refuse it with status 429."""
        now = time.time()
        if now >= self._reset:
            self._remaining, self._reset = self.limit, now + self.seconds
        if self._remaining <= 0:
            raise ManagementError("too_many_requests", "Global limit has been reached", headers=self.headers())
        self._remaining -= 1

    def headers(self) -> dict[str, str]:
        return rate_limit_headers(self.limit, self._remaining, self._reset)


def rate_limit_headers(limit: int, remaining: int, reset: float) -> dict[str, str]:
    """Return the headers that tell a caller of the limit; ``reset`` is in seconds since 1970."""
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    return dict(zip(names, map(str, (limit, remaining, ceil(reset))), strict=True))
