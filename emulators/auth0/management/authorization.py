"""What stands before every call of the Management API: token, scopes, rate limit, and failures that tests queue."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from emulators.auth0.errors import InsufficientScope, InvalidToken, ManagementError
from emulators.auth0.state import State, Tenant

Call = Callable[[Request[State], frozenset[str]], Awaitable[Response]]
"""A call of the Management API; it is given the scopes of its caller, on which parts of the answer depend."""

Endpoint = Callable[[Request[State]], Awaitable[Response]]
Scopes = Callable[[Tenant], tuple[str, ...]]


def needs(*scopes: str) -> Callable[[Call], Endpoint]:
    """Let a caller through that holds any of ``scopes``."""
    return needs_by(lambda _tenant: scopes)


def needs_by(scopes: Scopes) -> Callable[[Call], Endpoint]:
    """Let a caller through that holds any of the scopes that the tenant names."""

    def decorated(call: Call) -> Endpoint:
        @wraps(call)
        async def endpoint(request: Request[State]) -> Response:
            tenant = request.state["tenant"]
            try:
                answer = await _answered(request, call, scopes(tenant))
            except ManagementError as error:
                answer = error.answer()
            for name, value in tenant.rate.headers().items():
                answer.headers.setdefault(name, value)
            _log(tenant, request, answer)
            return answer

        return endpoint

    return decorated


async def _answered(request: Request[State], call: Call, scopes: tuple[str, ...]) -> Response:
    tenant = request.state["tenant"]
    tenant.rate.take()
    mishap = tenant.next_mishap(request.method, request.url.path)
    if mishap and not mishap.committed:
        raise mishap.error
    held = _held_scopes(request)
    if held.isdisjoint(scopes):
        raise InsufficientScope(f"Insufficient scope, expected any of: {','.join(scopes)}")
    answer = await call(request, held)
    if mishap:
        raise mishap.error
    return answer


def _held_scopes(request: Request[State]) -> frozenset[str]:
    tenant = request.state["tenant"]
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    known = tenant.tokens.get(token) if scheme.lower() == "bearer" else None
    if known is None or known.expires <= tenant.now():
        raise InvalidToken(tenant.switches.invalid_token_message)
    return known.scopes


def _log(tenant: Tenant, request: Request[State], answer: Response) -> None:
    if request.method != "GET":
        code = "sapi" if answer.status_code < 400 else "fapi"  # noqa: PLR2004  # where HTTP's errors begin
        tenant.write_log(code, f"{request.method} {request.url.path}", details={"status": answer.status_code})
