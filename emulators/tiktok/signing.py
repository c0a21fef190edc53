"""Codes and tokens in TikTok's formats, signed with the app's secret.

No instance has to store them: another process with the same key and secret reads them too, and so does the same one
after a restart.
"""

import hashlib
import hmac
import re
import secrets
import string
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from .registry import App

_ALPHABET = string.digits + string.ascii_letters
_GRANT = struct.Struct(">8sII8s")
_PADDING_BYTES = 30
_CODE = struct.Struct(f">{_GRANT.size}s32s32s{_PADDING_BYTES}s")
_TOKEN = struct.Struct(f">{_GRANT.size}s7s")
_TOKEN_BYTES = 44


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a person allowed. All that comes of one consent has the same ``family`` (8 bytes).

    ``person`` is a ``person_digest``; ``expires_at`` is in seconds since 1970.
    """

    person: bytes
    scopes: tuple[str, ...]
    expires_at: int
    family: bytes


@dataclass(frozen=True, kw_only=True)
class Code:
    """What an authorization code contains: a grant, and what the exchange must repeat."""

    grant: Grant
    redirect_uri_digest: bytes
    challenge_digest: bytes


def digest(text: str) -> bytes:
    """Return the SHA-256 of ``text``."""
    return hashlib.sha256(text.encode()).digest()


def write_code(app: App, grant: Grant, redirect_uri: str, challenge: str) -> str:
    """Return a new code: 200 base64url characters, then ``*N!NNNN.va``."""
    padding = secrets.token_bytes(_PADDING_BYTES)
    return _code_text(app, _CODE.pack(_pack(app, grant), digest(redirect_uri), digest(challenge), padding))


def read_code(app: App, text: str) -> Code | None:
    """Return what a code of this app contains, or None for anything else; the expiry is not checked."""
    if not re.fullmatch(r"[\w-]{200}\*\d!\d{4}\.va", text, re.ASCII):
        return None
    body = urlsafe_b64decode(text[:200])[: _CODE.size]
    if not hmac.compare_digest(_code_text(app, body), text):
        return None
    packed, redirect_uri_digest, challenge_digest, _ = _CODE.unpack(body)
    return Code(grant=_unpack(app, packed), redirect_uri_digest=redirect_uri_digest, challenge_digest=challenge_digest)


def write_token(app: App, kind: str, grant: Grant) -> str:
    """Return a new token of a kind (``act.``, ``rft.``, ``clt.``): 60 letters and digits, then ``!NNNN.va``."""
    return _token_text(app, kind, _TOKEN.pack(_pack(app, grant), secrets.token_bytes(7)))


def read_token(app: App, kind: str, text: str) -> Grant | None:
    """Return the grant of a token of this app and kind, or None for anything else; the expiry is not checked."""
    if not re.fullmatch(re.escape(kind) + r"[0-9A-Za-z]{60}!\d{4}\.va", text):
        return None
    number = _from_base62(text.removeprefix(kind)[:60])
    body = (number >> 8 * (_TOKEN_BYTES - _TOKEN.size)).to_bytes(_TOKEN_BYTES, "big")[-_TOKEN.size :]
    if not hmac.compare_digest(_token_text(app, kind, body), text):
        return None
    return _unpack(app, _TOKEN.unpack(body)[0])


def signature(app: App, text: str) -> str:
    """Return a signature of ``text``: 43 base64url characters."""
    return urlsafe_b64encode(_mac(app, "link", text.encode())).decode().rstrip("=")


def _pack(app: App, grant: Grant) -> bytes:
    mask = sum(1 << bit for bit, scope in enumerate(app.all_scopes()) if scope in grant.scopes)
    return _GRANT.pack(grant.person, mask, grant.expires_at, grant.family)


def _unpack(app: App, packed: bytes) -> Grant:
    person, mask, expires_at, family = _GRANT.unpack(packed)
    scopes = tuple(scope for bit, scope in enumerate(app.all_scopes()) if mask & 1 << bit)
    return Grant(person=person, scopes=scopes, expires_at=expires_at, family=family)


def _mac(app: App, kind: str, body: bytes) -> bytes:
    return hmac.digest(app.secret.encode(), f"{kind}\0{app.key}\0".encode() + body, "sha256")


def _tail(mac: bytes) -> str:
    return f"!{int.from_bytes(mac[-4:], 'big') % 10_000:04}.va"


def _code_text(app: App, body: bytes) -> str:
    mac = _mac(app, "code", body)
    return f"{urlsafe_b64encode(body + mac).decode()}*{mac[0] % 10}{_tail(mac)}"


def _token_text(app: App, kind: str, body: bytes) -> str:
    mac = _mac(app, kind, body)
    number = int.from_bytes(body + mac[: _TOKEN_BYTES - len(body)], "big")
    return f"{kind}{_to_base62(number)}{_tail(mac)}"


def _to_base62(number: int) -> str:
    digits: list[str] = []
    for _ in range(60):
        number, rest = divmod(number, 62)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))


def _from_base62(text: str) -> int:
    number = 0
    for character in text:
        number = number * 62 + _ALPHABET.index(character)
    return number
