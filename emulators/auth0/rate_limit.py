"""Rate limits, each a token bucket.

https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
"""

import time
from dataclasses import dataclass, field
from math import ceil

from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.auth0.errors import OAuthError

_NOT_COUNTED = ("/api/v2/", "/login/static/")
_ENDPOINT_LIMITS = {"/oauth/token": "token_endpoint", "/.well-known/jwks.json": "keys"}


@dataclass(frozen=True)
class Limit:
    """``burst`` calls at once, and ``per_second`` in the long run."""

    burst: int
    per_second: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The limits of a subscription; None is no limit."""

    management: Limit | None = None
    authentication: Limit | None = None
    token_endpoint: Limit | None = None
    keys: Limit | None = None
    user_info: Limit | None = None
    """For each user alone."""


FREE_PLAN = Plan(
    management=Limit(2, 2),
    authentication=Limit(300, 5),
    token_endpoint=Limit(30, 30),
    keys=Limit(20, 20),
    user_info=Limit(10, 5 / 60),
)
NO_LIMITS = Plan()


class Bucket:
    """The remaining calls of a limit. It uses the machine's clock, because callers wait in real time."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._left, self._updated = float(limit.burst), time.time()

    def take(self) -> bool:
        """Count one call, or return False if none is left."""
        self._refill()
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def headers(self) -> dict[str, str]:
        """Return the headers about the limit; the reset is when the next call is possible."""
        self._refill()
        wait = max(0.0, 1 - self._left) / self._limit.per_second
        return rate_limit_headers(self._limit.burst, int(self._left), self._updated + wait)

    def _refill(self) -> None:
        now = time.time()
        gained = (now - self._updated) * self._limit.per_second
        self._left, self._updated = min(float(self._limit.burst), self._left + gained), now


@dataclass
class RateLimits:
    """The buckets of one tenant, by the name of a limit and whom it is for."""

    plan: Plan = FREE_PLAN
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict[tuple[str, str], Bucket])

    def bucket(self, name: str, caller: str = "") -> Bucket | None:
        """Return the bucket of the plan's limit ``name``, if there is such a limit."""
        limit: Limit | None = getattr(self.plan, name)
        return limit and self._buckets.setdefault((name, caller), Bucket(limit))


class LimitedLogin:
    """ASGI middleware that counts the calls of the Authentication API; the Management API counts its own."""

    def __init__(self, app: ASGIApp, limits: RateLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        counted = scope["type"] == "http" and not path.startswith(_NOT_COUNTED)
        names = ("authentication", _ENDPOINT_LIMITS.get(path, "")) if counted else ()
        for bucket in filter(None, (self._limits.bucket(name) for name in names if name)):
            if not bucket.take():
                error = OAuthError(429, "too_many_requests", "Global limit has been reached")
                error.headers.update(bucket.headers())
                await error.response()(scope, receive, send)
                return
        await self._app(scope, receive, send)


def rate_limit_headers(limit: int, remaining: int, reset: float) -> dict[str, str]:
    """Return the headers about a limit; ``reset`` is in seconds since 1970."""
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    return dict(zip(names, map(str, (limit, remaining, ceil(reset))), strict=True))
