"""Made-up people with TikTok accounts, and the ids that apps know them by."""

import hashlib
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from .apps import App


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person with an account; ``name`` tells them apart here and is told to nobody."""

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
    """Return the 8 bytes by which signed values name a person."""
    return hashlib.sha256(name.encode()).digest()[:8]


def open_id(app: App, person: Person) -> str:
    """Return the person's id for this client key: ``-000`` and 32 URL-safe characters."""
    digest = hashlib.sha256(f"{app.key}\0{person.name}".encode()).digest()
    return "-000" + urlsafe_b64encode(digest[:24]).decode()


def union_id(app: App, person: Person) -> str:
    """Return the person's id for all apps of the app's organisation: a UUID."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{app.organisation}\0{person.name}"))
