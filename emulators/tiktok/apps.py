"""What a developer registers in TikTok's portal: an app, its scopes and its redirect URIs."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

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
    """Say, a sentence each, what TikTok's portal would not accept (Login Kit for web and for desktop, redirect URIs)."""
    faults = [
        f"The redirect URI {uri!r} {fault}." for uri in app.redirect_uris if (fault := _fault(app, uri, http_loopback))
    ]
    if not re.fullmatch(r"[\w-]+", app.key, re.ASCII) or not app.secret:
        faults.append("A client key is letters and digits, and a client secret is not empty.")
    if not 1 <= len(app.redirect_uris) <= _MOST_URIS:
        faults.append(f"An app has 1 to {_MOST_URIS} redirect URIs.")
    faults += [f"There is no scope {scope!r}." for scope in app.scopes if scope not in SCOPES]
    return faults


def _fault(app: App, uri: str, http_loopback: bool) -> str | None:
    parts = urlsplit(uri)
    if not parts.scheme or not parts.hostname:
        return "is not absolute"
    if parts.query or parts.fragment:
        return "has a query or a fragment"
    if len(uri) > _LONGEST_URI:
        return "is too long"
    return _desktop_fault(parts) if app.desktop else _web_fault(parts, http_loopback)


def _web_fault(parts: SplitResult, http_loopback: bool) -> str | None:
    if parts.scheme == "https" and parts.hostname not in _LOOPBACK:
        return None
    if http_loopback and parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK:
        return None
    return "is not https, or is on this machine, which TikTok refuses for the web"


def _desktop_fault(parts: SplitResult) -> str | None:
    if parts.scheme not in {"http", "https"} or parts.hostname not in _LOOPBACK:
        return "is not on localhost or 127.0.0.1, which a desktop app needs"
    return None if re.search(r":(\d+|\*)$", parts.netloc) else "has no port"
