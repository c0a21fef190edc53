"""The Pulumi program: the same for the clouds and for the emulators of a rehearsal."""

import pulumi

from infra.archive.build import Platform
from infra.archive.cache import LINUX_X86_64
from infra.settings import Settings
from infra.tiktok_connection import TikTokConnection, TikTokConnectionArgs
from infra.tiktok_stand_in import app_to_sign_in_with
from infra.token_proxy import TokenProxy, TokenProxyArgs


def deploy(platform: Platform = LINUX_X86_64) -> None:
    """Declare everything that this stack's settings ask for; ``platform`` is what the archives run on."""
    settings = Settings.from_config()
    app = app_to_sign_in_with(settings, platform)
    proxy = TokenProxy(
        "token-proxy", TokenProxyArgs(where=settings.proxy, app=app, image=settings.image, platform=platform)
    )
    connection = TikTokConnection(
        "tiktok",
        TikTokConnectionArgs(
            app=app,
            token_url=proxy.token_url,
            connection_name=settings.connection_name,
            display_name=settings.display_name,
            icon_url=settings.icon_url,
            scopes=settings.scopes,
            user_id=settings.user_id,
            applications=settings.applications,
            protect=settings.protect,
        ),
    )
    pulumi.export("token_proxy_url", proxy.url)
    pulumi.export("health_url", proxy.health_url)
    pulumi.export("connection_id", connection.connection_id)
    pulumi.export("connection_name", connection.connection_name)
    pulumi.export("tiktok_portal", settings.tiktok_portal)
    pulumi.export("version", proxy.version)
