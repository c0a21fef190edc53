"""Every hop of one sign-in: who asked whom for what, what was answered, and how long it took; secrets masked."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from emulators.recording import Exchange

_SECRET = frozenset({"access_token", "client_secret", "code", "code_verifier", "id_token", "refresh_token"})
# What two hops of one sign-in have in common, each between two parties (RFC 6749, OpenID Connect Core 1.0).
_THREADS = frozenset({"state", "nonce", "code", "access_token"})
# TikTok's user info has an error on success too: https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info
_NO_ERROR = '"code": "ok"'
_ROUTES = {
    "/authorize": ("The browser", "Auth0"),
    "/v2/auth/authorize/": ("The browser", "TikTok"),
    "/login/callback": ("The browser", "Auth0"),
    "/proxy/token": ("Auth0", "the token proxy"),
    "/v2/oauth/token/": ("The token proxy", "TikTok"),
    "/v2/user/info/": ("Auth0's profile script", "TikTok"),
    "/oauth/token": ("The application", "Auth0"),
}


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One request and its answer; ``seconds`` hold the hops that it waited for, which are ``depth`` levels deeper."""

    asker: str
    asked: str
    request: str
    sent: dict[str, str]
    status: int
    target: str
    answered: dict[str, str]
    seconds: float
    depth: int

    @property
    def phrase(self) -> str:
        """Return the status as HTTP names it."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"

    @property
    def refused(self) -> bool:
        """Tell whether the answer is an error, by its status or by what it carries."""
        error = self.answered.get("error", "")
        return self.status >= HTTPStatus.BAD_REQUEST or (error != "" and _NO_ERROR not in error)


def sign_in(exchanges: Iterable[Exchange], thread: str | None) -> list[Hop]:
    """Return the hops of the sign-in that ``thread``, a state or a nonce, belongs to; without it, of the newest one."""
    known = sorted((each for each in exchanges if _route(each)), key=lambda each: each.began)
    begun = [each for each in known if urlsplit(each.path).path == "/authorize"]
    threads = {thread} if thread else set(_threads(begun[-1])) if begun else set[str]()
    mine: list[Exchange] = []
    while found := [each for each in known if each not in mine and threads & _threads(each)]:
        mine += found
        threads = threads.union(*map(_threads, found))
    mine.sort(key=lambda each: each.began)
    return [_hop(each, depth=sum(_within(each, other) for other in mine)) for each in mine]


def _route(exchange: Exchange) -> tuple[str, str] | None:
    return _ROUTES.get(urlsplit(exchange.path).path)


def _within(inner: Exchange, outer: Exchange) -> bool:
    return outer.began < inner.began and inner.began + inner.seconds <= outer.began + outer.seconds


def _hop(exchange: Exchange, depth: int) -> Hop:
    asker, asked = _ROUTES.get(urlsplit(exchange.path).path, ("", ""))
    location = exchange.response_headers.get("location", "")
    return Hop(
        asker=asker,
        asked=asked,
        request=f"{exchange.method} {exchange.path.partition('?')[0]}",
        sent=_masked(_sent(exchange)),
        status=exchange.status,
        target=location.partition("?")[0],
        answered=_masked(_answered(exchange)),
        seconds=exchange.seconds,
        depth=depth,
    )


def _threads(exchange: Exchange) -> set[str]:
    pairs = [*_sent(exchange).items(), *_answered(exchange).items()]
    return {value for name, value in pairs if name in _THREADS and value}


def _sent(exchange: Exchange) -> dict[str, str]:
    """Return the parameters of query, form or JSON body, and the access token where one was sent (RFC 6750, 2.1)."""
    scheme, _, token = exchange.request_headers.get("authorization", "").partition(" ")
    bearer = {"access_token": token} if scheme.lower() == "bearer" else {}
    kind = exchange.request_headers.get("content-type", "")
    return {**dict(exchange.query), **_body(kind, exchange.request_body), **bearer}


def _answered(exchange: Exchange) -> dict[str, str]:
    """Return the parameters that a redirect carries, or the members of a JSON answer."""
    if location := exchange.response_headers.get("location"):
        return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))
    return _body(exchange.response_headers.get("content-type", ""), exchange.response_body)


def _body(kind: str, body: bytes) -> dict[str, str]:
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if kind.startswith("application/json"):
        return _members(body)
    return {}


def _members(body: bytes) -> dict[str, str]:
    try:
        value: Any = json.loads(body)
    except ValueError:
        return {}
    members = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    return {name: each if isinstance(each, str) else json.dumps(each) for name, each in members.items()}


def _masked(values: Mapping[str, str]) -> dict[str, str]:
    return {name: "***" if name in _SECRET and value else value for name, value in values.items()}
