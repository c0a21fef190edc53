"""TikTok in the configuration of a Clerk instance: one key, read and changed without touching any other."""

import binascii
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from clerk.platform_api import ClerkError, Conflict, NotFound, PlatformApi

# Clerk documents the pattern, connection_oauth_{provider}, and the strategy that it is for, oauth_tiktok.
KEY = "connection_oauth_tiktok"
_TRIES = 3


class AlreadyOn(ClerkError):
    """TikTok is on already, by somebody else's hand."""

    def __init__(self) -> None:
        """Say how to go on."""
        super().__init__(
            "TikTok is on already in this Clerk instance. Clerk does not tell the client secret that is set there, so "
            "it could not be put back: set adopt to true to replace it, or turn TikTok off in Clerk first."
        )


@dataclass(frozen=True)
class Place:
    """An instance of an application at Clerk; spelled app_.../production it is the connection's id."""

    application: str
    instance: str

    @classmethod
    def from_id(cls, identity: str) -> "Place":
        """Read a connection's id, or raise ``ClerkError``."""
        application, slash, instance = identity.partition("/")
        if not (application and slash and instance):
            raise ClerkError(f"{identity!r} is no connection's id: it takes one as app_123/production.")
        return cls(application, instance)

    @property
    def id(self) -> str:
        """The connection's id."""
        return f"{self.application}/{self.instance}"

    @property
    def config(self) -> str:
        """Where the configuration is."""
        return f"applications/{self.application}/instances/{self.instance}/config"


@dataclass(frozen=True)
class Credentials:
    """An app's client key and client secret at TikTok."""

    client_key: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Found:
    """What Clerk says of TikTok, and the version of the whole configuration that says so."""

    on: bool
    client_key: str
    version: str


def found(api: PlatformApi, place: Place) -> Found:
    """Return how TikTok is set, or raise ``ClerkError``."""
    config = api.get(place.config, keys=KEY)
    connection: dict[str, Any] = config.get(KEY) or {}
    return Found(
        on=connection.get("enabled") is True,
        client_key=connection.get("client_id") or "",
        version=str(config.get("config_version", "")),
    )


def turn_on(api: PlatformApi, place: Place, credentials: Credentials, *, dry_run: bool, unless_on: bool) -> None:
    """Turn TikTok on with these credentials, or only ask; with ``unless_on`` raise ``AlreadyOn`` where it is."""

    def check(now: Found) -> None:
        if unless_on and now.on:
            raise AlreadyOn

    values = {"enabled": True, "client_id": credentials.client_key, "client_secret": credentials.client_secret}
    _change(api, place, values, check, dry_run=dry_run)


def turn_off(api: PlatformApi, place: Place) -> None:
    """Turn TikTok off; where the instance is gone, so is TikTok."""
    try:
        _change(api, place, {"enabled": False}, lambda _now: None, dry_run=False)
    except NotFound:
        return


def _change(
    api: PlatformApi, place: Place, values: dict[str, Any], check: Callable[[Found], None], *, dry_run: bool
) -> None:
    """Change what was just read and checked; whoever else changes something meanwhile makes this start again."""

    def once() -> None:
        now = found(api, place)
        check(now)
        api.patch(place.config, {KEY: values}, now.version, dry_run=dry_run)

    for _ in range(_TRIES - 1):
        with suppress(Conflict):
            return once()
    return once()


def callback(api: PlatformApi, place: Place) -> str:
    """Return the redirect URI that TikTok has to know, or raise ``ClerkError`` where there is no such instance.

    Publishable keys spell the Frontend API's host: https://clerk.com/docs/guides/how-clerk-works/overview
    """
    instances: list[dict[str, Any]] = api.get(f"applications/{place.application}").get("instances", [])
    for each in instances:
        if place.instance in {each.get("environment_type"), each.get("instance_id")}:
            return f"https://{_frontend_host(str(each.get('publishable_key', '')))}/v1/oauth_callback"
    raise ClerkError(f"The Clerk application {place.application} has no {place.instance} instance.")


def _frontend_host(publishable_key: str) -> str:
    try:
        spelled = publishable_key.split("_", 2)[2]
        return b64decode(spelled + "=" * (-len(spelled) % 4)).decode("ascii").removesuffix("$")
    except (IndexError, binascii.Error, UnicodeDecodeError):
        raise ClerkError("Clerk's answer has no publishable key that spells a host.") from None
