"""The Pulumi program: TikTok on one Clerk instance. Clerk needs no proxy, since it supports TikTok itself."""

import pulumi

from clerk.component import TikTokOnClerk, TikTokOnClerkArgs
from clerk.settings import Settings


def deploy() -> None:
    """Declare what this stack's settings ask for."""
    settings = Settings.from_config()
    tiktok = TikTokOnClerk(
        "tiktok",
        TikTokOnClerkArgs(
            api_origin=settings.api_origin,
            platform_key=settings.platform_key,
            application=settings.application,
            instance=settings.instance,
            client_key=settings.client_key,
            client_secret=settings.client_secret,
            adopt=settings.adopt,
            protect=settings.protect,
        ),
    )
    pulumi.export("application", settings.application)
    pulumi.export("instance", settings.instance)
    pulumi.export(
        "tiktok_portal",
        {"redirect_uri": tiktok.redirect_uri, "redirect_domain": tiktok.redirect_domain, "products": ["Login Kit"]},
    )
