"""The translation: a standard token request in TikTok's words, and TikTok's answer in the standard's.

TikTok's side is documented at https://developers.tiktok.com/doc/oauth-user-access-token-management and
https://developers.tiktok.com/doc/oauth-error-handling.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote_plus

from proxy_app.errors import Failure, ProxyError
from proxy_app.token_request import Credentials

# The parameters that each grant needs, and those that it may bring.
_GRANTS = {
    "authorization_code": (("code", "redirect_uri"), ("code_verifier",)),
    "refresh_token": (("refresh_token",), ()),
}
# TikTok's error, a word of its description that narrows it down, and what it means. The first match counts.
_FAILURES: tuple[tuple[str, str, Failure], ...] = (
    ("invalid_request", "redirect_uri", Failure.TikTokRefusedRedirectUri),
    ("invalid_request", "code verifier", Failure.TikTokRefusedVerifier),
    ("invalid_client", "", Failure.TikTokRefusedCredentials),
    ("invalid_grant", "", Failure.TikTokRefusedGrant),
    ("unauthorized_client", "", Failure.TikTokRefusedClient),
    ("invalid_scope", "", Failure.TikTokRefusedScope),
    ("unsupported_grant_type", "", Failure.TikTokRefusedGrantType),
    ("access_denied", "", Failure.TikTokDenied),
    ("server_error", "", Failure.TikTokFailed),
    ("temporarily_unavailable", "", Failure.TikTokBusy),
    # The errors of TikTok's API: https://developers.tiktok.com/doc/tiktok-api-v2-error-handling
    ("rate_limit_exceeded", "", Failure.TikTokBusy),
    ("internal_error", "", Failure.TikTokFailed),
    ("scope_not_authorized", "", Failure.TikTokRefusedScope),
    ("scope_permission_missed", "", Failure.TikTokRefusedScope),
)
# Each byte as a form contains it (docs/architecture.md says why no library does it).
_ENCODED = {bytes([byte]): quote_plus(bytes([byte])).encode() for byte in range(256)}
_RESERVED = re.compile(rb"[^0-9A-Za-z_.~-]")  # RFC 3986 2.3
_SUCCESSFUL = range(200, 300)  # RFC 9110 15.3
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_LOG_ID = re.compile(r"[0-9A-Za-z]{8,64}")
_SECONDS = re.compile(r"[0-9]{1,18}")
_LIFETIMES = range(10**18)
# If TikTok does not say how long a token lives: the shorter of the two lifetimes that it documents, in seconds.
_SHORTEST_LIFE = 7200


def to_tiktok(form: Mapping[str, str], credentials: Credentials) -> bytes:
    """Return the form for TikTok: ``client_key`` for ``client_id``, the grant's own parameters, and no others.

    Raises ``ProxyError`` if one is missing, and for any other grant.
    """
    grant = form.get("grant_type")
    if grant is None:
        raise ProxyError(Failure.MalformedRequest, "The grant_type is missing.")
    if grant not in _GRANTS:
        raise ProxyError(Failure.UnknownGrant)
    required, optional = _GRANTS[grant]
    missing = [name for name in required if name not in form]
    if missing:
        raise ProxyError(Failure.MalformedRequest, f"The {' and the '.join(missing)} is missing or empty.")
    translated = {"client_key": credentials.key, "client_secret": credentials.secret, "grant_type": grant}
    translated |= {name: form[name] for name in required + optional if name in form}
    return b"&".join([name.encode() + b"=" + _encode(value) for name, value in translated.items()])


def _encode(value: str) -> bytes:
    return _RESERVED.sub(_escape, value.encode())


def _escape(reserved: re.Match[bytes]) -> bytes:
    return _ENCODED[reserved[0]]


def read_answer(status: int, body: bytes) -> dict[str, Any]:
    """Return the JSON object that TikTok answered with; anything else is broken, or says that TikTok is busy."""
    try:
        answer = json.loads(body.decode())  # RFC 8259 8.1: always UTF-8
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        return cast("dict[str, Any]", answer)
    raise ProxyError(Failure.TikTokBusy if status in _BUSY else Failure.UpstreamBroken)


def find_log_id(answer: Mapping[str, Any], header: str = "") -> str:
    """Return the id under which TikTok's support finds this exchange, or "" if there is none that looks like one."""
    found = str(answer.get("log_id") or _api_error(answer).get("log_id") or header)
    return found if _LOG_ID.fullmatch(found) else ""


def from_tiktok(status: int, answer: Mapping[str, Any], sent: Mapping[str, str]) -> dict[str, str | int]:
    """Return the token response of RFC 6749 5.1, or raise what TikTok's answer means.

    The body decides: TikTok reports failures with status 200. No value of ``sent`` comes back in an error's words.
    """
    if error := _find_error(answer, sent):
        raise error
    token = answer.get("access_token")
    if not (isinstance(token, str) and token and status in _SUCCESSFUL):
        raise ProxyError(Failure.TikTokBusy if status in _BUSY else Failure.UpstreamBroken)
    optional: dict[str, str | int] = {
        "refresh_token": _text(answer, "refresh_token"),
        "refresh_expires_in": _seconds(answer.get("refresh_expires_in"), 0),
        "scope": " ".join(_text(answer, "scope").replace(",", " ").split()),
        "open_id": _text(answer, "open_id"),
    }
    return {
        "access_token": token,
        "token_type": _text(answer, "token_type") or "Bearer",
        "expires_in": _seconds(answer.get("expires_in"), _SHORTEST_LIFE),
    } | {name: value for name, value in optional.items() if value}


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def _seconds(value: object, otherwise: int) -> int:
    """Read whole seconds from a number or from digits: sandboxes were seen to garble them."""
    if (isinstance(value, float) and value.is_integer()) or (isinstance(value, str) and _SECONDS.fullmatch(value)):
        value = int(value)
    return value if type(value) is int and value in _LIFETIMES else otherwise


def _api_error(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an error in the shape of TikTok's API, which its gateway answers with here too, or nothing."""
    error = answer.get("error")
    return cast("dict[str, Any]", error) if isinstance(error, dict) else {}


def _find_error(answer: Mapping[str, Any], sent: Mapping[str, str]) -> ProxyError | None:
    code, words = _text(answer, "error"), _text(answer, "error_description")
    if api_error := _api_error(answer):
        code, words = _text(api_error, "code"), _text(api_error, "message")
    if code in {"", "ok"}:
        # An error that cannot be read is no success.
        return ProxyError(Failure.UpstreamBroken) if answer.get("error") and code != "ok" else None
    matching = (failure for name, word, failure in _FAILURES if name == code and word in words.lower())
    failure = next(matching, Failure.TikTokRefused)
    return ProxyError(failure, f"TikTok says: {_without(sent, words or code)}")


def _without(sent: Mapping[str, str], text: str) -> str:
    for value in sorted(sent.values(), key=len, reverse=True):
        text = text.replace(value, "...")
    return text[:300].strip()
