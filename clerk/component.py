"""The component that turns "Sign in with TikTok" on in a Clerk instance."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import pulumi

from clerk.settings import ClerkSettings


class _Connection(pulumi.CustomResource):
    """TikTok in an instance's configuration, as clerk/provider.py keeps it."""

    callback: pulumi.Output[str]

    def __init__(
        self, name: str, properties: Mapping[str, pulumi.Input[str | bool]], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("clerk:index:TikTokConnection", name, {**properties, "callback": None}, opts)


class ClerkTikTok(pulumi.ComponentResource):
    """TikTok, turned on in one instance of one application at Clerk; nothing else of that instance is touched."""

    redirect_uri: pulumi.Output[str]
    redirect_domain: pulumi.Output[str]

    def __init__(self, name: str, settings: ClerkSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare it."""
        super().__init__("tiktok-login:infra:ClerkTikTok", name, {}, opts)
        clerk = pulumi.ProviderResource(
            "clerk",
            f"{name}-clerk",
            {"origin": settings.origin, "platformKey": settings.platform_key},
            pulumi.ResourceOptions(parent=self),
        )
        connection = _Connection(
            f"{name}-on-clerk",
            {
                "application": settings.application,
                "instance": settings.instance,
                "clientKey": settings.client_key,
                "clientSecret": settings.client_secret,
                "adopt": settings.adopt,
            },
            # Turned off, it takes the way in of all who sign in by it.
            pulumi.ResourceOptions(parent=self, provider=clerk, protect=settings.protect),
        )
        self.redirect_uri = connection.callback
        self.redirect_domain = connection.callback.apply(_host)
        self.register_outputs({"redirect_uri": self.redirect_uri})


def _host(uri: str) -> str:
    return urlsplit(uri).hostname or ""


def deploy_on_clerk() -> None:
    """Declare what this stack's settings ask for, without a proxy: Clerk speaks TikTok's dialect itself."""
    settings = ClerkSettings.from_config()
    tiktok = ClerkTikTok("tiktok", settings)
    pulumi.export("clerk_application", settings.application)
    pulumi.export("clerk_instance", settings.instance)
    pulumi.export(
        "tiktok_portal",
        {"redirect_uri": tiktok.redirect_uri, "redirect_domain": tiktok.redirect_domain, "products": ["Login Kit"]},
    )
