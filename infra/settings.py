"""Everything that differs between one stack and the next, read and checked in one place."""

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pulumi

from infra import vendor_rules as rules
from infra.cloud_run_settings import PROJECT_VARIABLES, REGION_VARIABLES, Hosting, PublicAccess, hosting_problems
from infra.config_reader import Reader, SettingsError, read_provider_setting
from infra.tiktok_connection import UserId
from infra.tiktok_login import TikTokLoginArgs
from infra.vendor_rules import THIS_PYTHON

PROVIDER_SECRETS = (
    "auth0:apiToken",
    "auth0:clientAssertionPrivateKey",
    "auth0:clientSecret",
    "gcp:accessToken",
    "gcp:credentials",
    "gcp:externalCredentials",
)
# Each way of authenticating at Auth0, as settings of the provider.
_AUTH0_CREDENTIALS = (
    {"clientId": "CLIENT_ID", "clientSecret": "CLIENT_SECRET"},
    {"clientId": "CLIENT_ID", "clientAssertionPrivateKey": "CLIENT_ASSERTION_PRIVATE_KEY"},
    {"apiToken": "API_TOKEN"},
    {"cliLogin": "CLI_LOGIN"},
)
_PROJECT_FILE = Path(__file__).parents[1] / "Pulumi.yaml"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a stack may choose; Pulumi.yaml describes each key and has the defaults."""

    login: TikTokLoginArgs = field(repr=False)
    login_origin: str
    stand_in: bool

    @classmethod
    def from_config(cls) -> Self:
        """Read this stack's settings and warn of doubtful ones, or raise ``SettingsError`` with everything wrong."""
        reader = Reader(_PROJECT_FILE)
        reader.require_encrypted(*PROVIDER_SECRETS)
        settings = cls._read(reader)
        if not reader.problems:
            reader.problems += settings.contradictions(f"{reader.project}:")
        if reader.problems:
            raise SettingsError("\n".join(reader.problems))
        for warning in settings.warnings():
            pulumi.log.warn(warning)
        return settings

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        stand_in = reader.boolean("tiktokStandIn")
        tenant = f"https://{_auth0_domain(reader)}".lower()
        login_origin = reader.origin("loginOrigin", required=False) or tenant
        proxy_url = reader.origin("proxyUrl", required=False)
        image = reader.text("image", rules.IMAGE, required=False)
        login: TikTokLoginArgs = {
            "client_key": reader.text("clientKey", rules.CLIENT_KEY, required=not stand_in),
            "client_secret": reader.secret("clientSecret", required=not stand_in) or "",
            "previous_client_secret": reader.secret("previousClientSecret", required=False) or "",
            "tiktok_origin": reader.origin("tiktokOrigin"),
            "tiktok_api_origin": reader.origin("tiktokApiOrigin"),
            "applications": {client_id: client_id for client_id in reader.texts("applications", rules.CLIENT_IDS)},
            "connection_name": reader.text("connectionName", rules.CONNECTION_NAME),
            "display_name": reader.text("displayName", rules.DISPLAY_NAME),
            "icon_url": reader.text("iconUrl", rules.ICON_URL, required=False),
            "scopes": reader.texts("scopes", rules.SCOPES),
            "user_id": UserId(reader.choice("userId", *(each.value for each in UserId))),
            "ask_every_time": reader.boolean("askEveryTime"),
            "login_origin": login_origin,
            "proxy_url": proxy_url,
            "image": image,
            "alert_email": reader.text("alertEmail", rules.EMAIL, required=False),
            "hosting": {} if proxy_url else _hosting(reader, builds_archive=stand_in or not image),
            "protect": reader.boolean("protect"),
        }
        return cls(login=login, login_origin=login_origin, stand_in=stand_in)

    def contradictions(self, prefix: str) -> Generator[str]:
        """Yield a sentence for each setting that does not go with another; ``prefix`` precedes its key."""
        yield from rules.scope_problems(self.login.get("scopes", ()), prefix)
        if self.stand_in and self.login.get("protect"):
            yield f"{prefix}tiktokStandIn must be false with protect, because anybody can be a test person."
        if self.stand_in and self.login.get("proxy_url"):
            yield f"{prefix}tiktokStandIn must be false with proxyUrl, because that proxy calls TikTok."
        if self.login.get("alert_email") and self.login.get("proxy_url"):
            yield f"{prefix}alertEmail must be empty with proxyUrl, because alerts watch the proxy that is deployed."

    def warnings(self) -> Generator[str]:
        """Yield a sentence for each setting that is unlikely to be meant."""
        if self.stand_in:
            yield "tiktokStandIn: people sign in as test persons, at a stand-in for TikTok."
        if self.login.get("protect") and str(self.login["client_key"]).startswith("sb"):
            yield "The client key looks like a sandbox's (sb...), but protect says that this stack has real users."


def _auth0_domain(reader: Reader) -> str:
    ways = (
        all(read_provider_setting(f"auth0:{key}", [f"AUTH0_{name}"]) for key, name in way.items())
        for way in _AUTH0_CREDENTIALS
    )
    if not any(ways):
        reader.problems.append(
            "auth0:clientId and auth0:clientSecret are missing: set them to the credentials of an application that may "
            "use the Management API (or set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET in the environment, or "
            "auth0:cliLogin)."
        )
    return reader.provider("auth0:domain", ["AUTH0_DOMAIN"], rules.AUTH0_DOMAIN)


def _hosting(reader: Reader, *, builds_archive: bool) -> Hosting:
    before = len(reader.problems)
    hosting: Hosting = {
        "runtime": reader.choice("runtime", "", *rules.RUNTIMES) or THIS_PYTHON,
        "public_access": PublicAccess(reader.choice("publicAccess", *(each.value for each in PublicAccess))),
        "min_instances": reader.number("minInstances", 0, rules.MOST_INSTANCES),
        "max_instances": reader.number("maxInstances", 1, rules.MOST_INSTANCES),
        "concurrency": reader.number("concurrency", 1, rules.MOST_REQUESTS),
        "cpu": reader.text("cpu", rules.CPU),
        "memory": reader.text("memory", rules.MEMORY),
    }
    if len(reader.problems) == before:
        reader.problems += hosting_problems(hosting, f"{reader.project}:", builds_archive=builds_archive)
    # The resources use their provider's project and region.
    reader.provider("gcp:project", PROJECT_VARIABLES, rules.PROJECT)
    reader.provider("gcp:region", REGION_VARIABLES, rules.REGION)
    return hosting
