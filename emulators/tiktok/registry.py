"""Apps as registered in TikTok's portal, and people with accounts."""

import hashlib
import re
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import urlsplit

BASIC = "user.info.basic"
# https://developers.tiktok.com/doc/tiktok-api-scopes. Tokens name a scope by its place here: append new ones.
SCOPES = {
    BASIC: "Your name and your picture",
    "user.info.profile": "Your user name, your bio and whether you are verified",
    "user.info.stats": "How many followers, likes and videos you have",
    "video.list": "The list of your public videos",
    "video.upload": "Upload drafts to your account",
    "video.publish": "Post videos to your account",
}
USER_INFO = (BASIC, "user.info.profile", "user.info.stats")
_LOOPBACK = frozenset({"localhost", "127.0.0.1"})
_MAX_REDIRECT_URIS = 10
_MAX_URI_LENGTH = 511
_MAX_SCOPES = 32
_MAX_TARGET_USERS = 10


@dataclass(frozen=True, kw_only=True)
class App:
    """An app with its key pair.

    ``target_users`` (names of people) makes it a sandbox. A ``desktop`` app must use PKCE.
    """

    key: str
    secret: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] = USER_INFO
    organisation: str = "organisation"
    desktop: bool = False
    target_users: tuple[str, ...] | None = None

    def has_redirect_uri(self, uri: str) -> bool:
        """Whether ``uri`` is registered, byte for byte; a desktop app may register the port ``*``."""
        return uri in self.redirect_uris or (self.desktop and re.sub(r":\d+(?=/|$)", ":*", uri) in self.redirect_uris)

    def admits(self, person: str) -> bool:
        return self.target_users is None or person in self.target_users

    def all_scopes(self) -> tuple[str, ...]:
        """Return every scope that a token of this app can name, in the order of its bits."""
        return (*SCOPES, *sorted(set(self.scopes) - set(SCOPES)))


def portal_errors(app: App, *, allow_http: bool) -> list[str]:
    """Return a sentence for each rule of TikTok's portal that ``app`` breaks.

    ``allow_http`` accepts http://localhost and http://127.0.0.1 for web apps, which TikTok refuses.
    """
    found = {uri: _uri_error(app, uri, allow_http=allow_http) for uri in app.redirect_uris}
    errors = [f"The redirect URI {uri!r} {error}." for uri, error in found.items() if error]
    if not re.fullmatch(r"[\w-]+", app.key, re.ASCII) or not app.secret.strip():
        errors.append("A client key takes letters and digits, and a client secret must not be empty.")
    if not 1 <= len(app.redirect_uris) <= _MAX_REDIRECT_URIS:
        errors.append(f"An app has 1 to {_MAX_REDIRECT_URIS} redirect URIs.")
    # https://developers.tiktok.com/doc/add-a-sandbox
    if len(app.target_users or ()) > _MAX_TARGET_USERS:
        errors.append(f"A sandbox has at most {_MAX_TARGET_USERS} target users.")
    if len(app.all_scopes()) > _MAX_SCOPES:
        errors.append(f"The emulator knows at most {_MAX_SCOPES} scopes.")
    return errors + [f"{scope!r} is not a scope." for scope in app.scopes if not re.fullmatch(r"[a-z][\w.]*", scope)]


# https://developers.tiktok.com/doc/login-kit-web and https://developers.tiktok.com/doc/login-kit-desktop
def _uri_error(app: App, uri: str, *, allow_http: bool) -> str | None:
    parts = urlsplit(uri)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is not an absolute http or https address"
    if parts.query or parts.fragment or len(uri) > _MAX_URI_LENGTH:
        return f"has a query, a fragment, or more than {_MAX_URI_LENGTH} characters"
    local = parts.hostname in _LOOPBACK
    if app.desktop:
        has_port = re.search(r":(\d+|\*)$", parts.netloc)
        return None if local and has_port else "must be on localhost or 127.0.0.1 with a port, for a desktop app"
    allowed = allow_http if local else parts.scheme == "https"
    return None if allowed else "must be https and not on this machine, for a web app"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person with an account; ``name`` identifies them in the emulator and is in no answer."""

    name: str
    display_name: str
    username: str = ""
    bio_description: str = ""
    is_verified: bool = False
    follower_count: int = 0
    following_count: int = 0
    likes_count: int = 0
    video_count: int = 0
    has_avatar: bool = True


TEST_PERSONS = (
    Person(
        name="ada",
        display_name="Ada Example",
        username="ada.example",
        bio_description="Writes programs for engines that are yet to be built.",
        is_verified=True,
        follower_count=1_815,
        following_count=12,
        likes_count=28_100,
        video_count=36,
    ),
    Person(name="zoe", display_name="Zoë Żółć", username="zoe.example", follower_count=3, video_count=1),
    Person(name="bo", display_name="Bo Without-Picture", username="bo.example", has_avatar=False),
)


def person_digest(name: str) -> bytes:
    """Return the 8 bytes that identify a person in signed values."""
    return hashlib.sha256(name.encode()).digest()[:8]


def open_id(app: App, person: Person) -> str:
    """Return the person's id for this app: ``-000`` and 32 URL-safe characters."""
    digest = hashlib.sha256(f"{app.key}\0{person.name}".encode()).digest()
    return "-000" + urlsafe_b64encode(digest[:24]).decode()


def union_id(app: App, person: Person) -> str:
    """Return the person's id for all apps of the app's organisation: a UUID."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{app.organisation}\0{person.name}"))
