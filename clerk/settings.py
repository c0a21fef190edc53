"""The settings of a stack on Clerk, read and checked in one place."""

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pulumi

from infra.config_reader import Reader, Rule, SettingsError

_PROJECT_FILE = Path(__file__).with_name("Pulumi.yaml")
_APPLICATION = Rule("an application's id, app_...", r"app_\w+")
_CLIENT_KEY = Rule("the client key of an app at TikTok", r"[\w-]+")
_NO_SHARED_CREDENTIALS = (
    "Clerk has no shared credentials for TikTok, because nobody but Clerk could verify the redirect URI's domain in "
    "TikTok's portal. Use those of a sandbox of your own app; its testers can sign in."
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a stack may choose; Pulumi.yaml describes each key and has the defaults."""

    api_origin: str
    platform_key: pulumi.Output[str] = field(repr=False)
    application: str
    instance: str
    adopt: bool
    client_key: str
    client_secret: pulumi.Output[str] = field(repr=False)
    protect: bool

    @classmethod
    def from_config(cls) -> Self:
        """Read this stack's settings, or raise ``SettingsError`` with everything that is wrong."""
        reader = Reader(_PROJECT_FILE)
        settings = cls._read(reader)
        if problems := reader.problems or list(settings.contradictions(reader.project)):
            raise SettingsError("\n".join(problems))
        return settings

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        reader.origin("tiktokApiOrigin")
        settings = cls(
            api_origin=reader.origin("apiOrigin"),
            platform_key=_secret(reader, "platformKey"),
            application=reader.text("application", _APPLICATION),
            instance=reader.choice("instance", "development", "production"),
            adopt=reader.boolean("adopt"),
            client_key=reader.text("clientKey", _CLIENT_KEY),
            client_secret=_secret(reader, "clientSecret"),
            protect=reader.boolean("protect"),
        )
        if settings.instance == "development" and not settings.client_key:
            reader.problems.append(_NO_SHARED_CREDENTIALS)
        return settings

    def contradictions(self, project: str) -> Generator[str]:
        """Yield a sentence for each pair of settings of ``project`` that do not go together."""
        if self.instance == "production" and self.client_key.startswith("sb"):
            yield (
                f"{project}:clientKey looks like a sandbox's (sb...): with instance production it takes that of an "
                "app that TikTok has approved."
            )


def _secret(reader: Reader, key: str) -> pulumi.Output[str]:
    return reader.secret(key, required=True) or pulumi.Output.secret("")
