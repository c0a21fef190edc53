"""A browser's session at Auth0, and the origin that the browser sees.

https://auth0.com/docs/manage-users/cookies
"""

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from emulators.auth0.state import State

_COOKIE = "auth0"
_FALLBACK = "auth0_compat"


def session_key(request: Request[State]) -> str:
    """Return the value of the session's cookie, or "" without a session."""
    return request.cookies.get(_COOKIE) or request.cookies.get(_FALLBACK, "")


def keep_session(request: Request[State], response: Response, key: str) -> None:
    """Set both of Auth0's cookies: one that an iframe of another site sends, and one for older browsers."""
    secure = request.url.is_secure
    response.set_cookie(_COOKIE, key, httponly=True, samesite="none" if secure else "lax", secure=secure)
    response.set_cookie(_FALLBACK, key, httponly=True, samesite=None, secure=secure)


def end_session(request: Request[State], response: Response) -> None:
    request.state["tenant"].login.sessions.pop(session_key(request), None)
    response.delete_cookie(_COOKIE)
    response.delete_cookie(_FALLBACK)


def origin(request: Request[State]) -> str:
    """Return the tenant's origin as the browser sees it; it may be a custom domain."""
    return str(URL(str(request.base_url)).replace(path="")).rstrip("/")
