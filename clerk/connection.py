"""TikTok in the configuration of a Clerk instance: one key, which is changed without touching any other."""

import binascii
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from clerk.platform_api import ClerkError, ConflictError, NotFoundError, PlatformApi

# Clerk documents the pattern connection_oauth_{provider}, and oauth_tiktok as the strategy.
KEY = "connection_oauth_tiktok"
_ATTEMPTS = 3


class AlreadyEnabledError(ClerkError):
    """TikTok was enabled already, by someone else."""

    def __init__(self) -> None:
        super().__init__(
            "TikTok is on already in this Clerk instance. Clerk redacts the client secret that is set there, so it "
            "could not be restored. Set adopt to true to replace it, or turn TikTok off in Clerk first."
        )


@dataclass(frozen=True)
class InstanceRef:
    """An instance of an application; ``id`` is app_.../production."""

    application: str
    instance: str

    @classmethod
    def from_id(cls, text: str) -> "InstanceRef":
        """Parse a connection's id, or raise ``ClerkError``."""
        application, slash, instance = text.partition("/")
        if not (application and slash and instance):
            raise ClerkError(f"{text!r} is not a connection's id: it takes one like app_123/production.")
        return cls(application, instance)

    @property
    def id(self) -> str:
        return f"{self.application}/{self.instance}"

    @property
    def config_path(self) -> str:
        return f"applications/{self.application}/instances/{self.instance}/config"


@dataclass(frozen=True)
class Credentials:
    """An app's client key and client secret at TikTok."""

    client_key: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class ConnectionStatus:
    """TikTok's entry, and the version of the whole configuration that contains it."""

    enabled: bool
    client_key: str
    version: str


def read_status(api: PlatformApi, ref: InstanceRef) -> ConnectionStatus:
    """Return how TikTok is configured, or raise ``ClerkError``."""
    config = api.get(ref.config_path, keys=KEY)
    connection: dict[str, Any] = config.get(KEY) or {}
    return ConnectionStatus(
        enabled=connection.get("enabled") is True,
        client_key=connection.get("client_id") or "",
        version=str(config.get("config_version", "")),
    )


def enable(api: PlatformApi, ref: InstanceRef, credentials: Credentials, *, dry_run: bool, adopt: bool) -> None:
    """Enable TikTok with these credentials; raise ``AlreadyEnabledError`` if it is enabled, unless ``adopt``."""

    def check(status: ConnectionStatus) -> None:
        if status.enabled and not adopt:
            raise AlreadyEnabledError

    values = {"enabled": True, "client_id": credentials.client_key, "client_secret": credentials.client_secret}
    _change(api, ref, values, check, dry_run=dry_run)


def disable(api: PlatformApi, ref: InstanceRef) -> None:
    """Disable TikTok, if the instance still exists."""
    with suppress(NotFoundError):
        _change(api, ref, {"enabled": False}, lambda _status: None, dry_run=False)


def _change(
    api: PlatformApi,
    ref: InstanceRef,
    values: dict[str, Any],
    check: Callable[[ConnectionStatus], None],
    *,
    dry_run: bool,
) -> None:
    """Read, check and change; start again if the configuration changes in between."""

    def attempt() -> None:
        status = read_status(api, ref)
        check(status)
        api.patch(ref.config_path, {KEY: values}, status.version, dry_run=dry_run)

    for _ in range(_ATTEMPTS - 1):
        with suppress(ConflictError):
            return attempt()
    return attempt()


def read_redirect_uri(api: PlatformApi, ref: InstanceRef) -> str:
    """Return the redirect URI to register at TikTok, or raise ``ClerkError`` if there is no such instance.

    A publishable key contains the Frontend API's host: https://clerk.com/docs/guides/how-clerk-works/overview
    """
    instances: list[dict[str, Any]] = api.get(f"applications/{ref.application}").get("instances", [])
    for each in instances:
        if ref.instance in {each.get("environment_type"), each.get("instance_id")}:
            return f"https://{_frontend_host(str(each.get('publishable_key', '')))}/v1/oauth_callback"
    raise ClerkError(f"The Clerk application {ref.application} has no {ref.instance} instance.")


def _frontend_host(publishable_key: str) -> str:
    try:
        encoded = publishable_key.split("_", 2)[2]
        return b64decode(encoded + "=" * (-len(encoded) % 4)).decode("ascii").removesuffix("$")
    except (IndexError, binascii.Error, UnicodeDecodeError):
        raise ClerkError("Clerk's answer has no publishable key that contains a host.") from None
