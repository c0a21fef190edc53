"""What the environment says, read once; every wrong value is named in one sentence that repeats no secret."""

import hashlib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIKTOK_TOKEN_URL = "https://open.tiktokapis.com/v2/oauth/token/"  # noqa: S105  # an address
_DIGEST = re.compile(r"[0-9A-Fa-f]{64}")
_LAST_PORT = 65535
# With the rest of a body before and a margin after, it fits into the time that Cloud Run gives a container to stop.
LONGEST_DEADLINE_SECONDS = 8


class SettingsError(Exception):
    """One or more settings are wrong or missing; ``problems`` has a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the sentences."""
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between one proxy and the next; the secret itself is not among it."""

    client_key: str = field(repr=False)
    secret_digests: tuple[bytes, ...] = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 3333
    token_url: str = TIKTOK_TOKEN_URL
    deadline_seconds: float = 8

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read them, or raise ``SettingsError`` with everything that is wrong; an empty variable counts as unset."""
        reading = _Reading({name: value.strip() for name, value in environment.items() if value.strip()})
        settings = cls(
            client_key=reading.client_key(),
            secret_digests=reading.secret_digests(),
            host=reading.found.get("HOST", cls.host),
            port=reading.port(cls.port),
            token_url=reading.token_url(cls.token_url),
            deadline_seconds=reading.deadline_seconds(cls.deadline_seconds),
        )
        if reading.problems:
            raise SettingsError(reading.problems)
        return settings


class _Reading:
    """One pass over the environment that collects what is wrong instead of stopping at the first."""

    def __init__(self, found: Mapping[str, str]) -> None:
        self.found = found
        self.problems: list[str] = []

    def client_key(self) -> str:
        key = self.found.get("TIKTOK_CLIENT_KEY", "")
        if not key:
            self.problems.append("TIKTOK_CLIENT_KEY is missing: it takes the client key of the app in TikTok's portal.")
        elif not key.isprintable() or " " in key:
            self.problems.append("TIKTOK_CLIENT_KEY contains a blank or a control character.")
        return key

    def secret_digests(self) -> tuple[bytes, ...]:
        digests, secret = self.found.get("TIKTOK_CLIENT_SECRET_SHA256", ""), self.found.get("TIKTOK_CLIENT_SECRET", "")
        if bool(digests) == bool(secret):
            which = "are both set" if secret else "are both missing"
            self.problems.append(
                f"TIKTOK_CLIENT_SECRET_SHA256 and TIKTOK_CLIENT_SECRET {which}: set the SHA-256 of the client secret, "
                "in hex, or for local use the secret."
            )
            return ()
        return self._read_digests(digests) if digests else (hashlib.sha256(secret.encode()).digest(),)

    def _read_digests(self, text: str) -> tuple[bytes, ...]:
        for place, digest in enumerate(text.split(), start=1):
            if not _DIGEST.fullmatch(digest):
                self.problems.append(
                    "TIKTOK_CLIENT_SECRET_SHA256 takes SHA-256 digests of 64 hex digits each, with blanks between: "
                    f"number {place}, of {len(digest)} characters, is none."
                )
                return ()
        return tuple(map(bytes.fromhex, text.split()))

    def port(self, otherwise: int) -> int:
        text = self.found.get("PORT", str(otherwise))
        if re.fullmatch(r"[0-9]{1,5}", text) and int(text) <= _LAST_PORT:
            return int(text)
        self.problems.append(f"PORT takes a number from 0 (any free one) to {_LAST_PORT}, but is {text!r}.")
        return otherwise

    def token_url(self, otherwise: str) -> str:
        url = self.found.get("TIKTOK_TOKEN_URL", otherwise)
        if not _is_endpoint(url):
            self.problems.append(
                "TIKTOK_TOKEN_URL takes an https address (http only on this machine) without user, query and fragment."
            )
        return url

    def deadline_seconds(self, otherwise: float) -> float:
        text = self.found.get("TIKTOK_DEADLINE_SECONDS", str(otherwise))
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) and 0 < float(text) <= LONGEST_DEADLINE_SECONDS:
            return float(text)
        self.problems.append(
            f"TIKTOK_DEADLINE_SECONDS takes seconds, above 0 and at most {LONGEST_DEADLINE_SECONDS}, but is {text!r}."
        )
        return otherwise


def _is_endpoint(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or port == 0 or not url.isascii() or not url.isprintable() or " " in url:
        return False
    if parts.username is not None or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
