"""Everything that differs between one stack and the next, read and checked in one place."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import pulumi

from infra.cloud_run_settings import Hosting
from infra.config_reader import Reader, SettingsError
from infra.tiktok_app import TikTokApp

_BASIC_SCOPE = "user.info.basic"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a stack may choose; Pulumi.yaml describes each key and holds the defaults."""

    app: TikTokApp
    stand_in: bool
    applications: tuple[str, ...]
    connection_name: str
    display_name: str
    icon_url: str
    scopes: tuple[str, ...]
    user_id: str
    login_origin: str
    proxy: str | Hosting
    image: str
    protect: bool

    @classmethod
    def from_config(cls) -> Self:
        """Read this stack's settings, warn of doubtful ones, or raise ``SettingsError`` with all that is wrong."""
        reader = Reader()
        settings = cls._read(reader)
        problems = reader.problems or list(settings.contradictions(reader.project))
        if problems:
            raise SettingsError("\n".join(problems))
        for doubt in settings.doubts():
            pulumi.log.warn(doubt)
        return settings

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        stand_in, protect = reader.switch("tiktokStandIn"), reader.switch("protect")
        tenant = f"https://{_auth0_domain(reader)}"
        return cls(
            app=_app(reader, required=not stand_in),
            stand_in=stand_in,
            applications=reader.texts("applications", takes="a list of Auth0 client ids", pattern=r"[\w-]+"),
            connection_name=reader.text(
                "connectionName",
                takes="at most 128 letters, digits and hyphens, with no hyphen at either end",
                pattern=r"(?!.{129})[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?",
            ),
            display_name=reader.text("displayName", takes="what the button says"),
            icon_url=reader.text("iconUrl", takes="an https address", pattern=r"https://\S+", required=False),
            scopes=reader.texts("scopes", takes="a list of TikTok's scopes", pattern=r"[a-z.]+"),
            user_id=reader.choice("userId", "union_id", "open_id"),
            login_origin=reader.origin("loginOrigin", required=False) or tenant,
            proxy=reader.origin("tokenProxyUrl", required=False) or Hosting.read(reader, protect=protect),
            image=reader.text("image", takes="a container image", pattern=r"\S+", required=False),
            protect=protect,
        )

    @property
    def callback(self) -> str:
        """Auth0's end of the sign-in, the one redirect URI that TikTok has to know, to the letter."""
        return f"{self.login_origin}/login/callback"

    @property
    def tiktok_portal(self) -> dict[str, object]:
        """What TikTok's portal asks for (https://developers.tiktok.com/doc/login-kit-web)."""
        return {
            "redirect_uri": self.callback,
            "redirect_domain": urlsplit(self.login_origin).hostname,
            "products": ["Login Kit"],
            "scopes": list(self.scopes),
        }

    def contradictions(self, project: str) -> Generator[str]:
        """Say, a sentence each, which settings of ``project`` do not go together."""
        if _BASIC_SCOPE not in self.scopes:
            yield f"{project}:scopes is {list(self.scopes)}: it takes {_BASIC_SCOPE}, too, which tells the user's id."
        if self.stand_in and self.protect:
            yield f"{project}:tiktokStandIn is true: it takes false with protect, for anybody can be a test person."
        if isinstance(self.proxy, Hosting):
            yield from self.proxy.contradictions(project, packs=self.stand_in or not self.image)
        elif self.stand_in:
            yield f"{project}:tiktokStandIn is true: it takes false with tokenProxyUrl, whose proxy asks TikTok."

    def doubts(self) -> Generator[str]:
        """Say, a sentence each, what whoever deploys should know."""
        if self.stand_in:
            yield "tiktokStandIn: people sign in as test persons, at a stand-in for TikTok."
        if self.protect and self.app.client_key.startswith("sb"):
            yield "The client key looks like a sandbox's (sb...), but protect says that this stack has real users."


def _auth0_domain(reader: Reader) -> str:
    if not _auth0_credentials(reader):
        reader.problems.append(
            "auth0:clientId and auth0:clientSecret are not both set: they take the credentials of an application that "
            "may use the Management API (or AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET in the environment, or "
            "auth0:cliLogin)."
        )
    takes = "the tenant's domain without https://, as example.eu.auth0.com"
    return reader.provider("auth0:domain", ["AUTH0_DOMAIN"], takes=takes, pattern=r"[A-Za-z0-9.-]+(:\d+)?")


def _auth0_credentials(reader: Reader) -> bool:
    """Whether one of the provider's ways to authenticate is there (the Auth0 provider's documentation lists them)."""
    ways = [
        {"clientId": "CLIENT_ID", "clientSecret": "CLIENT_SECRET"},
        {"clientId": "CLIENT_ID", "clientAssertionPrivateKey": "CLIENT_ASSERTION_PRIVATE_KEY"},
        {"apiToken": "API_TOKEN"},
        {"cliLogin": "CLI_LOGIN"},
    ]
    return any(all(reader.unchecked(f"auth0:{key}", [f"AUTH0_{name}"]) for key, name in way.items()) for way in ways)


def _app(reader: Reader, *, required: bool) -> TikTokApp:
    key_takes = "the client key of the app in TikTok's portal"
    return TikTokApp(
        client_key=reader.text("clientKey", takes=key_takes, pattern=r"[\w-]+", required=required),
        client_secret=reader.secret("clientSecret", required=required) or "",
        previous_client_secret=reader.secret("previousClientSecret", required=False),
        origin=reader.origin("tiktokOrigin"),
        api_origin=reader.origin("tiktokApiOrigin"),
    )
