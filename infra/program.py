"""The Pulumi program: the same for the vendors and for the emulators of a rehearsal."""

from dataclasses import replace

import pulumi
import pulumi_auth0 as auth0

from infra.archive.build import Platform
from infra.archive.cache import LINUX_X86_64
from infra.cloud_run_settings import ResolvedHosting
from infra.settings import Settings, TikTokApp
from infra.tiktok_login import TikTokLogin, redirect_uri
from infra.tiktok_stand_in import TikTokStandIn, TikTokStandInArgs


class UnknownApplicationError(pulumi.RunError):
    """An application that Auth0 did not find. Pulumi shows the message without a traceback."""


def deploy(platform: Platform = LINUX_X86_64) -> None:
    """Declare what this stack's settings ask for; ``platform`` is what the archives are built for."""
    settings = Settings.from_config()
    for client_id in settings.applications:
        require_application(client_id)
    app = deploy_stand_in(settings, platform) if settings.stand_in else settings.app
    login = TikTokLogin(
        "tiktok",
        {
            "client_key": app.client_key,
            "client_secret": app.client_secret,
            "previous_client_secret": app.previous_client_secret,
            "tiktok_origin": app.origin,
            "tiktok_api_origin": app.api_origin,
            "applications": {client_id: client_id for client_id in settings.applications},
            "connection_name": settings.connection_name,
            "display_name": settings.display_name,
            "icon_url": settings.icon_url,
            "scopes": settings.scopes,
            "user_id": settings.user_id,
            "ask_every_time": settings.ask_every_time,
            "proxy_url": settings.proxy_url,
            "image": settings.image,
            "alert_email": settings.alert_email,
            "hosting": settings.hosting,
            "protect": settings.protect,
        },
        platform=platform,
    )
    pulumi.export("proxy_url", login.proxy_url)
    pulumi.export("health_url", login.health_url)
    pulumi.export("connection_id", login.connection_id)
    pulumi.export("connection_name", login.connection_name)
    pulumi.export("tiktok_portal", settings.tiktok_portal)
    pulumi.export("version", login.version)


def deploy_stand_in(settings: Settings, platform: Platform) -> TikTokApp:
    """Declare the stand-in for TikTok, and return its app."""
    hosting = ResolvedHosting.resolve(settings.hosting, protect=False, platform=platform, builds_archive=True)
    args = TikTokStandInArgs(hosting=hosting, redirect_uri=redirect_uri(settings.login_origin), scopes=settings.scopes)
    stand_in = TikTokStandIn("tiktok-stand-in", args)
    return replace(
        settings.app,
        client_key=stand_in.client_key,
        client_secret=stand_in.client_secret,
        origin=stand_in.url,
        api_origin=stand_in.url,
    )


def require_application(client_id: str) -> None:
    """Raise ``UnknownApplicationError`` with Auth0's reason unless the application exists."""
    try:
        auth0.get_client(client_id=client_id)
    except Exception as error:  # noqa: BLE001  # the SDK raises nothing narrower
        reason = str(error).strip().splitlines()[-1].strip().removeprefix("* ")
        raise UnknownApplicationError(
            f"{pulumi.get_project()}:applications names {client_id}, which could not be looked up in Auth0: {reason}"
        ) from None
