"""What a developer registers in TikTok's portal: an app, its scopes and its redirect URIs."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

BASIC = "user.info.basic"
SCOPES = {
    BASIC: "Your name and your picture",
    "user.info.profile": "Your user name, your bio and whether you are verified",
    "user.info.stats": "How many followers, likes and videos you have",
    "video.list": "The list of your public videos",
}
USER_INFO = (BASIC, "user.info.profile", "user.info.stats")
_LOOPBACK = frozenset({"localhost", "127.0.0.1"})
_MOST_URIS = 10
_LONGEST_URI = 511


@dataclass(frozen=True, kw_only=True)
class App:
    """An app with its key pair; ``target_users`` (names of persons) makes it a sandbox, ``desktop`` demands PKCE."""

    key: str
    secret: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] = USER_INFO
    organisation: str = "organisation"
    desktop: bool = False
    target_users: tuple[str, ...] | None = None

    def knows_redirect(self, uri: str) -> bool:
        """Whether ``uri`` is registered, byte for byte; a desktop app's port may be registered as ``*``."""
        return uri in self.redirect_uris or (self.desktop and re.sub(r":\d+(?=/|$)", ":*", uri) in self.redirect_uris)

    def admits(self, person: str) -> bool:
        """Whether the person of that name may sign in."""
        return self.target_users is None or person in self.target_users


def faults_of(app: App, *, http_loopback: bool) -> list[str]:
    """Say, a sentence each, what TikTok's portal would not accept (Login Kit, redirect URIs)."""
    found = {uri: _fault(app, uri, http_loopback=http_loopback) for uri in app.redirect_uris}
    faults = [f"The redirect URI {uri!r} {fault}." for uri, fault in found.items() if fault]
    if not re.fullmatch(r"[\w-]+", app.key, re.ASCII) or not app.secret.strip():
        faults.append("A client key is of letters and digits, and a client secret is not empty.")
    if not 1 <= len(app.redirect_uris) <= _MOST_URIS:
        faults.append(f"An app has 1 to {_MOST_URIS} redirect URIs.")
    return faults + [f"There is no scope {scope!r}." for scope in app.scopes if scope not in SCOPES]


def _fault(app: App, uri: str, *, http_loopback: bool) -> str | None:
    parts = urlsplit(uri)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is not an absolute address of http or https"
    if parts.query or parts.fragment or len(uri) > _LONGEST_URI:
        return f"has a query, a fragment, or more than {_LONGEST_URI} characters"
    local = parts.hostname in _LOOPBACK
    if app.desktop:
        ported = re.search(r":(\d+|\*)$", parts.netloc)
        return (
            None if local and ported else "is not on localhost or 127.0.0.1 with a port, as a desktop app's has to be"
        )
    allowed = http_loopback if local else parts.scheme == "https"
    return None if allowed else "is not https, or is on this machine, which TikTok refuses for the web"
