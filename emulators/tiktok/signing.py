"""Codes and tokens in TikTok's shapes, signed with the app's secret, so that no instance has to store them."""

import hashlib
import hmac
import re
import secrets
import string
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from .apps import SCOPES, App

_ALPHABET = string.digits + string.ascii_letters
_GRANT = struct.Struct(">8sBI8s")
_CODE = struct.Struct(f">{_GRANT.size}s32s32s33s")
_TOKEN = struct.Struct(f">{_GRANT.size}s7s")
_TOKEN_BYTES = 44


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a person allowed; ``family`` (8 bytes) joins what came of one consent, times are epoch seconds."""

    person: bytes
    scopes: tuple[str, ...]
    expires_at: int
    family: bytes

    def to_bytes(self) -> bytes:
        """Pack into 21 bytes."""
        mask = sum(1 << bit for bit, scope in enumerate(SCOPES) if scope in self.scopes)
        return _GRANT.pack(self.person, mask, self.expires_at, self.family)


@dataclass(frozen=True, kw_only=True)
class Code:
    """What an authorization code carries: a grant, and the two things that its exchange is held to."""

    grant: Grant
    redirect_uri_digest: bytes
    challenge_digest: bytes


def digest(text: str) -> bytes:
    """Return the SHA-256 of ``text``."""
    return hashlib.sha256(text.encode()).digest()


def write_code(app: App, grant: Grant, redirect_uri: str, challenge: str) -> str:
    """Return a new code: 200 base64url characters, then ``*N!NNNN.va``."""
    padding = secrets.token_bytes(33)
    return _code_text(app, _CODE.pack(grant.to_bytes(), digest(redirect_uri), digest(challenge), padding))


def read_code(app: App, text: str) -> Code | None:
    """Return what a code of this app carries, or None for anything else; its age is not looked at."""
    if not re.fullmatch(r"[\w-]{200}\*\d!\d{4}\.va", text, re.ASCII):
        return None
    body = urlsafe_b64decode(text[:200])[: _CODE.size]
    if not hmac.compare_digest(_code_text(app, body), text):
        return None
    packed, redirect_uri_digest, challenge_digest, _ = _CODE.unpack(body)
    return Code(grant=_grant(packed), redirect_uri_digest=redirect_uri_digest, challenge_digest=challenge_digest)


def write_token(app: App, kind: str, grant: Grant) -> str:
    """Return a new token of a kind (``act.``, ``rft.``, ``clt.``): 60 letters and digits, then ``!NNNN.va``."""
    return _token_text(app, kind, _TOKEN.pack(grant.to_bytes(), secrets.token_bytes(7)))


def read_token(app: App, kind: str, text: str) -> Grant | None:
    """Return the grant of a token of this app and kind, or None for anything else; its age is not looked at."""
    if not re.fullmatch(re.escape(kind) + r"[0-9A-Za-z]{60}!\d{4}\.va", text):
        return None
    number = _from_base62(text.removeprefix(kind)[:60])
    body = (number >> 8 * (_TOKEN_BYTES - _TOKEN.size)).to_bytes(_TOKEN_BYTES, "big")[-_TOKEN.size :]
    if not hmac.compare_digest(_token_text(app, kind, body), text):
        return None
    return _grant(_TOKEN.unpack(body)[0])


def signature(app: App, text: str) -> str:
    """Return a signature over ``text`` for a link: 43 base64url characters."""
    return urlsafe_b64encode(_mac(app, "link", text.encode())).decode().rstrip("=")


def _grant(packed: bytes) -> Grant:
    person, mask, expires_at, family = _GRANT.unpack(packed)
    scopes = tuple(scope for bit, scope in enumerate(SCOPES) if mask & 1 << bit)
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
