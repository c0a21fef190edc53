"""Sign in with TikTok, in a program of your own."""
# pyright: basic

import pulumi
from pulumi_tiktok_login import TikTokLogin  # pyright: ignore[reportMissingImports]  # `pulumi install` makes it

config = pulumi.Config()
login = TikTokLogin(
    "tiktok",
    client_key=config.require("clientKey"),
    client_secret=config.require_secret("clientSecret"),
    applications={"web": config.require("application")},
)
pulumi.export("redirectUri", login.redirect_uri)
