"""Every hop of one sign-in: caller, callee, request, answer and duration, with secrets masked."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from operator import itemgetter
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from emulators.auth0.login.state import SignIn
from emulators.kit.recording import Exchange

# Parameters that link the hops of one sign-in (RFC 6749, OpenID Connect Core 1.0).
_THREADS = frozenset({"state", "nonce", "code", "access_token"})
_MASKED = frozenset(
    {
        "access_token",
        "client_secret",
        "code",
        "code_challenge",
        "code_verifier",
        "id_token",
        "nonce",
        "refresh_token",
        "state",
    }
)
_SHOWN_CHARACTERS = 4
_PARTIES = {
    "/authorize": ("Browser", "Auth0"),
    "/v2/auth/authorize/": ("Browser", "TikTok"),
    "/login/callback": ("Browser", "Auth0"),
    "/proxy/token": ("Auth0", "token proxy"),
    "/v2/oauth/token/": ("Token proxy", "TikTok"),
    "/v2/user/info/": ("Profile script", "TikTok"),
    "/oauth/token": ("Application", "Auth0"),
}


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One request and its answer; ``seconds`` include those of the hops below it, and ``depth`` is its level."""

    asker: str
    asked: str
    request: str
    sent: dict[str, str]
    outcome: str
    refused: bool
    target: str = ""
    answered: dict[str, str]
    began: float
    seconds: float
    depth: int = 0

    def within(self, other: "Hop") -> bool:
        """Tell whether ``other`` waited for this one."""
        return other.began < self.began and self.began + self.seconds <= other.began + other.seconds


def trace_sign_in(exchanges: Iterable[Exchange], sign_ins: Iterable[SignIn], thread: str | None) -> list[Hop]:
    """Return the hops of the sign-in that ``thread``, a state or a nonce, belongs to; without it, of the newest one.

    ``sign_ins`` are the tenant's, which alone knows how long the profile script ran.
    """
    known = [(each, _threads(each)) for each in exchanges if _path(each) in _PARTIES]
    begun = [(each.began, own) for each, own in known if _path(each) == "/authorize"]
    threads = {thread} if thread else max(begun, key=itemgetter(0))[1] if begun else set[str]()
    mine, rest = list[Exchange](), known
    while found := [(each, own) for each, own in rest if threads & own]:
        rest = [(each, own) for each, own in rest if not threads & own]
        mine += [each for each, _ in found]
        threads = threads.union(*(own for _, own in found))
    hops = [*map(_hop, mine), *_script_runs(sign_ins, threads)]
    # A server that is down does not read the request, so only the time tells whose request it was.
    hops += [hop for hop in (_hop(each) for each, own in rest if not own) if any(map(hop.within, hops))]
    hops.sort(key=lambda hop: hop.began)
    return [replace(hop, depth=sum(hop.within(other) for other in hops)) for hop in hops]


def _path(exchange: Exchange) -> str:
    path = urlsplit(exchange.path).path
    return "/proxy/token" if path.startswith("/proxy/") else path  # also where the token URL has drifted


def _script_runs(sign_ins: Iterable[SignIn], threads: set[str]) -> list[Hop]:
    return [
        Hop(
            asker="Auth0",
            asked="profile script",
            request="fetchUserProfile(accessToken, ctx, cb)",
            sent=_masked(run.ctx),
            outcome="error" if run.error else "profile",
            refused=run.error != "",
            answered=_masked(run.profile),
            began=run.began,
            seconds=run.seconds,
        )
        for each in sign_ins
        if threads & {each.request.parameters.get("state"), each.request.parameters.get("nonce")}
        if (run := each.script_run)
    ]


def _masked(values: Mapping[str, Any]) -> dict[str, str]:
    """Return values as text; those that are secret or valid once are cut to their first characters."""
    return {name: _mask(str(value)) if name in _MASKED and value else str(value) for name, value in values.items()}


def _mask(text: str) -> str:
    return f"{text[:_SHOWN_CHARACTERS]}…"


def _hop(exchange: Exchange) -> Hop:
    asker, asked = _PARTIES[_path(exchange)]
    query, posted, answered = dict(exchange.query), _posted(exchange), _answered(exchange)
    error = answered.get("error", "")
    return Hop(
        asker=asker,
        asked=asked,
        request=f"{exchange.method} {urlsplit(exchange.path).path}",
        sent=_masked(posted or {**query, **_bearer(exchange)}),
        outcome=f"{exchange.status} {HTTPStatus(exchange.status).phrase}{error and f', {error}'}",
        refused=exchange.status >= HTTPStatus.BAD_REQUEST or error != "",
        target=exchange.response_headers.get("location", "").partition("?")[0],
        answered=_masked(answered),
        began=exchange.began,
        seconds=exchange.seconds,
    )


def _threads(exchange: Exchange) -> set[str]:
    parts = (dict(exchange.query), _posted(exchange), _bearer(exchange), _answered(exchange))
    return {part[name] for part in parts for name in _THREADS if part.get(name)}


def _bearer(exchange: Exchange) -> dict[str, str]:
    """Return the bearer token (RFC 6750, section 2.1)."""
    scheme, _, token = exchange.request_headers.get("authorization", "").partition(" ")
    return {"access_token": token} if scheme.lower() == "bearer" else {}


def _posted(exchange: Exchange) -> dict[str, str]:
    return _body(exchange.request_headers.get("content-type", ""), exchange.request_body)


def _answered(exchange: Exchange) -> dict[str, str]:
    """Return the parameters that a redirect carries, or the members of a JSON answer."""
    if location := exchange.response_headers.get("location"):
        return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))
    return _body(exchange.response_headers.get("content-type", ""), exchange.response_body)


def _body(kind: str, body: bytes) -> dict[str, str]:
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return _members(body) if kind.startswith("application/json") else {}


def _members(body: bytes) -> dict[str, str]:
    try:
        value: Any = json.loads(body)
    except ValueError:
        return {}
    members = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    # TikTok's user info has its error as an object, also on success; its status tells which.
    details = {name: each for name, each in members.items() if not (name == "error" and isinstance(each, dict))}
    return {name: each if isinstance(each, str) else json.dumps(each) for name, each in details.items()}
