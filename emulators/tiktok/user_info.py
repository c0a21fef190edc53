"""The API that apps read a person's profile from (developers.tiktok.com/doc/tiktok-api-v2-get-user-info)."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .apps import BASIC, App
from .avatars import avatar_urls
from .errors import ApiError, log_id
from .persons import Person
from .script import Refusal
from .signing import Grant, read_token
from .state import TikTok

_FIELDS = {
    **dict.fromkeys(("open_id", "union_id", "avatar_url", "avatar_url_100", "avatar_large_url", "display_name"), BASIC),
    **dict.fromkeys(("bio_description", "profile_deep_link", "is_verified", "username"), "user.info.profile"),
    **dict.fromkeys(("follower_count", "following_count", "likes_count", "video_count"), "user.info.stats"),
}


async def tell_user_info(tiktok: TikTok, request: Request) -> Response:
    """Tell the fields that were asked for, if the token's scopes cover every one of them."""
    request_id = log_id()
    try:
        _remember(tiktok, request)
        user, error, status = _asked(tiktok, request), ApiError("ok", ""), 200
    except ApiError as refused:
        user, error, status = None, refused, refused.status
    body = {
        "data": {} if user is None else {"user": user},
        "error": {"code": error.code, "message": error.message, "log_id": request_id},
    }
    return JSONResponse(body, status, {"x-tt-logid": request_id, "cache-control": "no-store"})


def _remember(tiktok: TikTok, request: Request) -> None:
    if tiktok.remembers:
        authorization = request.headers.get("authorization", "")
        tiktok.received.user_info.append({**request.query_params, "authorization": authorization})


def _asked(tiktok: TikTok, request: Request) -> dict[str, Any]:
    if refusal := tiktok.script.take("user_info", Refusal):
        raise ApiError(refusal.error, refusal.description)
    app, grant, person = _holder(tiktok, request.headers.get("authorization", ""))
    _count_call(tiktok, app)
    fields = [name for name in request.query_params.get("fields", "").split(",") if name]
    _check(tiktok, app, grant, fields)
    user = _profile(tiktok, app, person, str(request.base_url))
    return {name: user[name] for name in fields}


def _holder(tiktok: TikTok, authorization: str) -> tuple[App, Grant, Person]:
    scheme, _, token = authorization.partition(" ")
    for app in tiktok.apps.values():
        grant = read_token(app, "act.", token)
        if scheme.lower() == "bearer" and grant and (person := tiktok.holder(grant)):
            return app, grant, person
    raise ApiError("access_token_invalid", "The access token is invalid or not found in the request.")


def _count_call(tiktok: TikTok, app: App) -> None:
    """Count one more call of the app, of which so many are allowed in a sliding minute."""
    calls, now = tiktok.user_info_calls[app.key], tiktok.now()
    while calls and calls[0] <= now - 60:
        calls.popleft()
    if len(calls) >= tiktok.rules.user_info_per_minute:
        raise ApiError("rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.")
    calls.append(now)


def _check(tiktok: TikTok, app: App, grant: Grant, fields: list[str]) -> None:
    if not fields:
        raise ApiError("invalid_params", "Fields is required, please provide fields in the request")
    if unknown := [name for name in fields if name not in _FIELDS]:
        raise ApiError("invalid_params", f"Fields contain invalid values: {','.join(unknown)}")
    if not tiktok.rules.granted_fields_only:
        return
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
