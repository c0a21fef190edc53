"""The dialect: a standard token request in TikTok's words, and TikTok's answer in the standard's.

TikTok's side is documented at https://developers.tiktok.com/doc/oauth-user-access-token-management and
https://developers.tiktok.com/doc/oauth-error-handling.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote_plus

from proxy_app import errors
from proxy_app.credentials import Credentials
from proxy_app.errors import MalformedRequest, ProxyError, UnknownGrant, UpstreamBroken

# What each grant needs, and what it may bring.
_GRANTS = {
    "authorization_code": (("code", "redirect_uri"), ("code_verifier",)),
    "refresh_token": (("refresh_token",), ()),
}
# TikTok's error, a word of its description that narrows it down, and what it means. The first that fits counts.
_REFUSALS: tuple[tuple[str, str, type[ProxyError]], ...] = (
    ("invalid_request", "redirect_uri", errors.TikTokRefusedRedirectUri),
    ("invalid_request", "code verifier", errors.TikTokRefusedVerifier),
    ("invalid_client", "", errors.TikTokRefusedCredentials),
    ("invalid_grant", "", errors.TikTokRefusedGrant),
    ("unauthorized_client", "", errors.TikTokRefusedClient),
    ("invalid_scope", "", errors.TikTokRefusedScope),
    ("unsupported_grant_type", "", errors.TikTokRefusedGrantType),
    ("access_denied", "", errors.TikTokDenied),
    ("server_error", "", errors.TikTokFailed),
    ("temporarily_unavailable", "", errors.TikTokBusy),
    ("rate_limit_exceeded", "", errors.TikTokBusy),
)
# Each byte as a form has it: to look it up takes half of the time of ``quote_plus``.
_ENCODED = [quote_plus(bytes([byte])) for byte in range(256)]
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_LOG_ID = re.compile(r"[0-9A-Za-z]{8,64}")
_SECONDS = re.compile(r"[0-9]{1,18}")
_SEPARATORS = re.compile(r"[,\s]+")
# Where TikTok leaves out how long a token lives: the shorter of the two lifetimes that it documents, in seconds.
_SHORTEST_LIFE = 7200


def to_tiktok(form: Mapping[str, str], credentials: Credentials) -> bytes:
    """Return the form for TikTok: ``client_key`` for ``client_id``, the grant's own parameters, and no others.

    Raises ``MalformedRequest`` where one is missing and ``UnknownGrant`` for any other grant.
    """
    grant = form.get("grant_type")
    if grant is None:
        raise MalformedRequest("The grant_type is missing.")
    if grant not in _GRANTS:
        raise UnknownGrant
    required, optional = _GRANTS[grant]
    missing = [name for name in required if name not in form]
    if missing:
        raise MalformedRequest(f"The {' and the '.join(missing)} is missing or empty.")
    question = {"client_key": credentials.key, "client_secret": credentials.secret, "grant_type": grant}
    question |= {name: form[name] for name in required + optional if name in form}
    return "&".join([f"{name}={_encoded(value)}" for name, value in question.items()]).encode("ascii")


def _encoded(value: str) -> str:
    return "".join(map(_ENCODED.__getitem__, value.encode()))


def read_answer(status: int, body: bytes) -> dict[str, Any]:
    """Return the JSON object that TikTok answered with; anything else is ``UpstreamBroken``, or ``TikTokBusy``."""
    try:
        answer = json.loads(body.decode())  # RFC 8259 8.1: always UTF-8
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        return cast("dict[str, Any]", answer)
    raise errors.TikTokBusy if status in _BUSY else UpstreamBroken


def log_id(answer: Mapping[str, Any], otherwise: str = "") -> str:
    """Return the id under which TikTok's support finds this exchange, or "" where there is none that looks like one."""
    found = str(answer.get("log_id") or otherwise)
    return found if _LOG_ID.fullmatch(found) else ""


def from_tiktok(status: int, answer: Mapping[str, Any], asked: Mapping[str, str]) -> dict[str, str | int]:
    """Return the token response of RFC 6749 5.1, or raise what TikTok's answer means.

    The body decides: TikTok reports failures with status 200. No value of ``asked`` comes back in an error's words.
    """
    if answer.get("error"):
        raise _refusal(answer, asked)
    token = answer.get("access_token")
    if not (isinstance(token, str) and token and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES):
        raise UpstreamBroken
    return {
        "access_token": token,
        "token_type": _text(answer, "token_type") or "Bearer",
        "expires_in": _seconds(answer.get("expires_in"), _SHORTEST_LIFE),
    } | _rest(answer)


def _rest(answer: Mapping[str, Any]) -> dict[str, str | int]:
    rest: dict[str, str | int] = {
        "refresh_token": _text(answer, "refresh_token"),
        "refresh_expires_in": _seconds(answer.get("refresh_expires_in"), 0),
        "scope": " ".join(_SEPARATORS.split(_text(answer, "scope"))),
        "open_id": _text(answer, "open_id"),
    }
    return {name: value for name, value in rest.items() if value}


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def _seconds(value: object, otherwise: int) -> int:
    """Read whole seconds from a number or from digits: sandboxes were seen to garble them."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return int(text) if _SECONDS.fullmatch(text) else otherwise


def _refusal(answer: Mapping[str, Any], asked: Mapping[str, str]) -> ProxyError:
    error = answer["error"]
    if not isinstance(error, str):
        return UpstreamBroken()
    said = _text(answer, "error_description")
    means = (kind for name, word, kind in _REFUSALS if name == error and word in said.lower())
    return next(means, errors.TikTokRefused)(f"TikTok says: {_quotable(said or error, asked)}")


def _quotable(text: str, asked: Mapping[str, str]) -> str:
    for value in sorted(asked.values(), key=len, reverse=True):
        text = text.replace(value, "...")
    return text[:300].strip()
