"""The component that turns "Sign in with TikTok" on in a Clerk instance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pulumi


@dataclass(frozen=True, kw_only=True)
class TikTokOnClerkArgs:
    """Where TikTok is turned on, and with which credentials; ``adopt`` replaces those of a connection that is on."""

    api_origin: pulumi.Input[str]
    platform_key: pulumi.Input[str] = field(repr=False)
    application: pulumi.Input[str]
    instance: pulumi.Input[str]
    client_key: pulumi.Input[str]
    client_secret: pulumi.Input[str] = field(repr=False)
    adopt: pulumi.Input[bool] = False
    protect: bool = True


class _Connection(pulumi.CustomResource):
    """TikTok in an instance's configuration (provider.py)."""

    callback: pulumi.Output[str]

    def __init__(
        self, name: str, properties: Mapping[str, pulumi.Input[str | bool]], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("clerk:index:TikTokConnection", name, {**properties, "callback": None}, opts)


class TikTokOnClerk(pulumi.ComponentResource):
    """TikTok, turned on in one instance of one application; the rest of the instance stays as it is."""

    redirect_uri: pulumi.Output[str]
    redirect_domain: pulumi.Output[str]

    def __init__(self, name: str, args: TikTokOnClerkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # The type's name from the time when this was part of the program for Auth0.
        earlier = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="tiktok-login:infra:ClerkTikTok")])
        opts = pulumi.ResourceOptions.merge(earlier, opts)
        super().__init__("tiktok-login:clerk:TikTokOnClerk", name, {}, opts)
        clerk = pulumi.ProviderResource(
            "clerk",
            f"{name}-clerk",
            {"origin": args.api_origin, "platformKey": args.platform_key},
            pulumi.ResourceOptions(parent=self),
        )
        connection = _Connection(
            f"{name}-on-clerk",
            {
                "application": args.application,
                "instance": args.instance,
                "clientKey": args.client_key,
                "clientSecret": args.client_secret,
                "adopt": args.adopt,
            },
            # Without TikTok, nobody who signs in with it can get in.
            pulumi.ResourceOptions(parent=self, provider=clerk, protect=args.protect),
        )
        self.redirect_uri = connection.callback
        self.redirect_domain = connection.callback.apply(_host)
        self.register_outputs({"redirect_uri": self.redirect_uri})


def _host(uri: str) -> str:
    return urlsplit(uri).hostname or ""
