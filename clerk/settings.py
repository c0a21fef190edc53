"""What differs between one stack and the next where people sign in through Clerk, read and checked in one place."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Self

import pulumi

from infra.config_reader import Reader, SettingsError

_OWN_APP = (
    "Clerk has no shared credentials for TikTok, whose portal wants the redirect URI's domain verified, which nobody "
    "but Clerk could do for accounts.dev: take those of a sandbox of your own app (its testers can sign in)."
)


@dataclass(frozen=True, kw_only=True)
class ClerkSettings:
    """What such a stack may choose; Pulumi.yaml describes each key and holds the defaults."""

    origin: str
    platform_key: pulumi.Output[str] = field(repr=False)
    application: str
    instance: str
    adopt: bool
    client_key: str
    client_secret: pulumi.Output[str] = field(repr=False)
    protect: bool

    @classmethod
    def from_config(cls) -> Self:
        """Read this stack's settings, or raise ``SettingsError`` with all that is wrong."""
        reader = Reader()
        settings = cls._read(reader)
        problems = reader.problems or list(settings.contradictions(reader.project))
        if reader.switch("tiktokStandIn"):
            problems.append(f"{reader.project}:tiktokStandIn is true: it takes false with Clerk, which asks TikTok.")
        if problems:
            raise SettingsError("\n".join(problems))
        return settings

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        instance = reader.choice("clerkInstance", "development", "production")
        settings = cls(
            origin=reader.origin("clerkApiOrigin"),
            platform_key=_secret(reader, "clerkPlatformKey"),
            application=reader.text("clerkApplication", takes="an application's id, app_...", pattern=r"app_\w+"),
            instance=instance,
            adopt=reader.switch("clerkAdopt"),
            client_key=reader.text("clientKey", takes="the client key of an app at TikTok", pattern=r"[\w-]+"),
            client_secret=_secret(reader, "clientSecret"),
            protect=reader.switch("protect"),
        )
        if instance == "development" and not settings.client_key:
            reader.problems.append(_OWN_APP)
        return settings

    def contradictions(self, project: str) -> Generator[str]:
        """Say, a sentence each, which settings of ``project`` do not go together."""
        if self.instance == "production" and self.client_key.startswith("sb"):
            yield (
                f"{project}:clientKey looks like a sandbox's (sb...): with clerkInstance production it takes that of "
                "an app that TikTok has approved."
            )


def _secret(reader: Reader, key: str) -> pulumi.Output[str]:
    return reader.secret(key, required=True) or pulumi.Output.secret("")
