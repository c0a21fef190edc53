"""Checks before every call of the Management API: rate limit, queued errors, access token and scopes."""

from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from emulators.auth0.errors import ManagementError
from emulators.auth0.state import State, Tenant

Call = Callable[[Request[State], frozenset[str]], Awaitable[Response]]
"""A call of the Management API; it gets its caller's scopes, since they decide what the answer shows."""

Endpoint = Callable[[Request[State]], Awaitable[Response]]
Scopes = Callable[[Tenant], tuple[str, ...]]


def requires_scope(*scopes: str) -> Callable[[Call], Endpoint]:
    """Refuse a caller that has none of ``scopes``."""
    return requires_scope_of(lambda _tenant: scopes)


def requires_scope_of(scopes: Scopes) -> Callable[[Call], Endpoint]:
    """Refuse a caller that has none of the scopes that the tenant names."""

    def decorate(call: Call) -> Endpoint:
        @wraps(call)
        async def endpoint(request: Request[State]) -> Response:
            tenant = request.state["tenant"]
            try:
                response = await _respond(request, call, scopes(tenant))
            except ManagementError as error:
                response = error.response()
            if bucket := tenant.rate_limits.bucket("management"):
                for name, value in bucket.headers().items():
                    response.headers.setdefault(name, value)
            _log(tenant, request, response)
            return response

        return endpoint

    return decorate


async def _respond(request: Request[State], call: Call, scopes: tuple[str, ...]) -> Response:
    tenant, where = request.state["tenant"], (request.method, request.url.path)
    tenant.finish_deletions()
    bucket = tenant.rate_limits.bucket("management")
    if bucket and not bucket.take():
        tenant.write_log("api_limit", "Global limit has been reached")
        raise ManagementError("too_many_requests", "Global limit has been reached")
    if error := tenant.faults.next_error(*where):
        raise error
    held = _caller_scopes(request)
    if held.isdisjoint(scopes):
        raise ManagementError("insufficient_scope", f"Insufficient scope, expected any of: {','.join(scopes)}")
    response = await call(request, held)
    if fault := tenant.faults.next_fault(*where):
        raise fault
    return response


def _caller_scopes(request: Request[State]) -> frozenset[str]:
    tenant = request.state["tenant"]
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    known = tenant.tokens.get(token) if scheme.lower() == "bearer" else None
    if known is None or known.expires <= tenant.now():
        raise ManagementError("invalid_token", "Invalid token")
    return known.scopes


def _log(tenant: Tenant, request: Request[State], response: Response) -> None:
    if request.method != "GET":
        code = "sapi" if response.status_code < HTTPStatus.BAD_REQUEST else "fapi"
        tenant.write_log(code, f"{request.method} {request.url.path}", details={"status": response.status_code})
