"""User info (https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info)."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .faults import InjectedError
from .pages import avatar_urls
from .registry import BASIC, App, Person
from .signing import Grant, read_token
from .state import TikTok

_FIELDS = {
    **dict.fromkeys(("open_id", "union_id", "avatar_url", "avatar_url_100", "avatar_large_url", "display_name"), BASIC),
    **dict.fromkeys(("bio_description", "profile_deep_link", "is_verified", "username"), "user.info.profile"),
    **dict.fromkeys(("follower_count", "following_count", "likes_count", "video_count"), "user.info.stats"),
}


_STATUSES = {
    "access_token_invalid": 401,
    "scope_not_authorized": 401,
    "rate_limit_exceeded": 429,
    "internal_error": 500,
}


class ApiError(Exception):
    """An error in the format of https://developers.tiktok.com/doc/tiktok-api-v2-error-handling."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        return _STATUSES.get(self.code, 400)


async def get_user_info(tiktok: TikTok, request: Request) -> Response:
    """Return the requested fields if the token's scopes cover all of them."""
    try:
        user = _read_user(tiktok, request)
    except ApiError as error:
        return _envelope(tiktok, {}, error.code, error.message, error.status)
    return _envelope(tiktok, {"user": user}, "ok")


def _envelope(tiktok: TikTok, data: Mapping[str, Any], code: str, message: str = "", status: int = 200) -> Response:
    log_id = tiktok.new_log_id()
    body = {"data": data, "error": {"code": code, "message": message, "log_id": log_id}}
    return JSONResponse(body, status, {"x-tt-logid": log_id, "cache-control": "no-store"})


def _read_user(tiktok: TikTok, request: Request) -> dict[str, Any]:
    authorization = request.headers.get("authorization", "")
    if tiktok.keep_received:
        tiktok.received.user_info.append({**request.query_params, "authorization": authorization})
    if injected := tiktok.faults.take("user_info", InjectedError):
        raise ApiError(injected.error, injected.description)
    app, grant, person = _authenticate(tiktok, authorization)
    _count_call(tiktok, app)
    fields = [name for name in request.query_params.get("fields", "").split(",") if name]
    _check_fields(app, grant, fields)
    user = _profile(tiktok, app, person, str(request.base_url))
    return {name: user[name] for name in fields}


def _authenticate(tiktok: TikTok, authorization: str) -> tuple[App, Grant, Person]:
    scheme, _, token = authorization.partition(" ")
    for app in tiktok.apps.values():
        grant = read_token(app, "act.", token)
        if scheme.lower() == "bearer" and grant and (person := tiktok.person_of(grant)):
            return app, grant, person
    raise ApiError("access_token_invalid", "The access token is invalid or not found in the request.")


def _count_call(tiktok: TikTok, app: App) -> None:
    """Count a call of the app in the sliding minute, or raise ``ApiError``."""
    calls, now = tiktok.user_info_calls[app.key], tiktok.now()
    while calls and calls[0] <= now - 60:
        calls.popleft()
    if len(calls) >= tiktok.assumptions.user_info_per_minute:
        raise ApiError("rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.")
    calls.append(now)


def _check_fields(app: App, grant: Grant, fields: list[str]) -> None:
    if not fields:
        raise ApiError("invalid_params", "Fields is required, please provide fields in the request")
    if unknown := [name for name in fields if name not in _FIELDS]:
        raise ApiError("invalid_params", f"Fields contain invalid values: {','.join(unknown)}")
    needed = {_FIELDS[name] for name in fields}
    if not needed <= set(app.scopes):
        raise ApiError(
            "scope_permission_missed", "The app does not have the scope required for completing this request."
        )
    if not needed <= set(grant.scopes):
        raise ApiError(
            "scope_not_authorized", "The user did not authorize the scope required for completing this request."
        )


def _profile(tiktok: TikTok, app: App, person: Person, origin: str) -> Mapping[str, Any]:
    return vars(person) | {
        "open_id": tiktok.open_id(app, person),
        "union_id": tiktok.union_id(app, person),
        # A domain that nobody can own (RFC 2606), so that the link leads to no real account.
        "profile_deep_link": f"https://tiktok.example/@{person.username}",
        **avatar_urls(tiktok, app, person, origin),
    }
