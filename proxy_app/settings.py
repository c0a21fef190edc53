"""What the environment says. Each wrong value is named in one sentence that repeats no secret."""

import hashlib
import ipaddress
import re
from collections.abc import Generator, Mapping
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
        super().__init__("\n".join(problems))
        self.problems = problems


def _problems(found: Mapping[str, str]) -> Generator[str]:
    key = found.get("TIKTOK_CLIENT_KEY", "")
    if not key:
        yield "TIKTOK_CLIENT_KEY is missing: it takes the client key of the app in TikTok's portal."
    elif not key.isprintable() or " " in key:
        yield "TIKTOK_CLIENT_KEY contains a blank or a control character."
    digests, secret = found.get("TIKTOK_CLIENT_SECRET_SHA256", ""), found.get("TIKTOK_CLIENT_SECRET", "")
    if bool(digests) == bool(secret):
        which = "are both set" if secret else "are both missing"
        yield (
            f"TIKTOK_CLIENT_SECRET_SHA256 and TIKTOK_CLIENT_SECRET {which}: set the SHA-256 of the client secret, "
            "in hex, or for local use the secret."
        )
    wrong = [(place, each) for place, each in enumerate(digests.split(), start=1) if not _DIGEST.fullmatch(each)]
    if wrong:
        place, digest = wrong[0]
        yield (
            "TIKTOK_CLIENT_SECRET_SHA256 takes SHA-256 digests of 64 hex digits each, with blanks between: "
            f"number {place}, of {len(digest)} characters, is not one."
        )
    port = found.get("PORT", "0")
    if not (re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= _LAST_PORT):
        yield f"PORT takes a number from 0 (any free one) to {_LAST_PORT}, but is {port!r}."
    if not _is_endpoint(found.get("TIKTOK_TOKEN_URL", TIKTOK_TOKEN_URL)):
        yield "TIKTOK_TOKEN_URL takes an https address (http only on this machine) without user, query and fragment."
    seconds = found.get("TIKTOK_DEADLINE_SECONDS", "1")
    if not (re.fullmatch(r"[0-9]+(\.[0-9]+)?", seconds) and 0 < float(seconds) <= LONGEST_DEADLINE_SECONDS):
        yield (
            f"TIKTOK_DEADLINE_SECONDS takes seconds, above 0 and at most {LONGEST_DEADLINE_SECONDS}, "
            f"but is {seconds!r}."
        )


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
        found = {name: value.strip() for name, value in environment.items() if value.strip()}
        if problems := list(_problems(found)):
            raise SettingsError(problems)
        digests = tuple(map(bytes.fromhex, found.get("TIKTOK_CLIENT_SECRET_SHA256", "").split()))
        return cls(
            client_key=found["TIKTOK_CLIENT_KEY"],
            secret_digests=digests or (hashlib.sha256(found["TIKTOK_CLIENT_SECRET"].encode()).digest(),),
            host=found.get("HOST", cls.host),
            port=int(found.get("PORT", cls.port)),
            token_url=found.get("TIKTOK_TOKEN_URL", cls.token_url),
            deadline_seconds=float(found.get("TIKTOK_DEADLINE_SECONDS", cls.deadline_seconds)),
        )
