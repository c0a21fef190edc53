"""The Pulumi program: the same for the vendors and for the emulators of a rehearsal."""

from collections.abc import Mapping

import pulumi
import pulumi_auth0 as auth0

from infra.archive.build import Platform
from infra.archive.cache import LINUX_X86_64
from infra.cloud_run_settings import ResolvedHosting
from infra.settings import Settings
from infra.tiktok_login import TikTokLogin, TikTokLoginArgs, redirect_uri
from infra.tiktok_stand_in import TikTokStandIn, TikTokStandInArgs


class UnknownApplicationError(pulumi.RunError):
    """An application that Auth0 did not find. Pulumi shows the message without a traceback."""


def deploy(platform: Platform = LINUX_X86_64) -> None:
    """Declare what this stack's settings ask for; ``platform`` is what the archives are built for."""
    settings = Settings.from_config()
    for client_id in settings.login.get("applications", {}):
        require_application(client_id)
    args = sign_in_at_stand_in(settings, platform) if settings.stand_in else settings.login
    login = TikTokLogin("tiktok", args, platform=platform)
    pulumi.export("proxy_url", login.proxy_url)
    pulumi.export("health_url", login.health_url)
    pulumi.export("connection_id", login.connection_id)
    pulumi.export("connection_name", login.connection_name)
    pulumi.export("tiktok_portal", describe_portal(login, args))
    pulumi.export("version", login.version)


def describe_portal(login: TikTokLogin, args: TikTokLoginArgs) -> Mapping[str, object]:
    """Return what TikTok's portal asks for (https://developers.tiktok.com/doc/login-kit-web)."""
    return {
        "redirect_uri": login.redirect_uri,
        "redirect_domain": login.redirect_domain,
        "products": ["Login Kit"],
        "scopes": list(args.get("scopes", ())),
    }


def sign_in_at_stand_in(settings: Settings, platform: Platform) -> TikTokLoginArgs:
    """Declare the stand-in for TikTok, and return the login's arguments with its app."""
    login = settings.login
    hosting = ResolvedHosting.resolve(login.get("hosting", {}), protect=False, platform=platform, builds_archive=True)
    args = TikTokStandInArgs(
        hosting=hosting, redirect_uri=redirect_uri(settings.login_origin), scopes=login.get("scopes", ())
    )
    stand_in = TikTokStandIn("tiktok-stand-in", args)
    return {
        **login,
        "client_key": stand_in.client_key,
        "client_secret": stand_in.client_secret,
        "tiktok_origin": stand_in.url,
        "tiktok_api_origin": stand_in.url,
    }


def require_application(client_id: str) -> None:
    """Raise ``UnknownApplicationError`` with Auth0's reason unless the application exists."""
    try:
        auth0.get_client(client_id=client_id)
    except Exception as error:  # noqa: BLE001  # the SDK raises nothing narrower
        reason = str(error).strip().splitlines()[-1].strip().removeprefix("* ")
        raise UnknownApplicationError(
            f"{pulumi.get_project()}:applications names {client_id}, which could not be looked up in Auth0: {reason}"
        ) from None
