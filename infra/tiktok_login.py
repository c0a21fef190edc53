"""Sign-in with TikTok as one component: the token proxy and the connection, joined."""

from typing import NotRequired

import pulumi

from infra.archive.build import Platform
from infra.archive.cache import LINUX_X86_64
from infra.tiktok_connection import SignInArgs, TikTokConnection
from infra.token_proxy import TokenProxy, TokenProxyArgs, health_url, token_url


class TikTokLoginArgs(TokenProxyArgs, SignInArgs):
    """Everything that sign-in with TikTok needs."""

    proxy_url: NotRequired[pulumi.Input[str]]
    """Origin of a token proxy that runs elsewhere; then nothing is deployed to Google Cloud."""


class TikTokLogin(pulumi.ComponentResource):
    """Sign in with TikTok on an Auth0 tenant, through a token proxy on Cloud Run."""

    proxy_url: pulumi.Output[str]
    """Origin of the token proxy."""
    health_url: pulumi.Output[str]
    """Answers with status 200 while the proxy serves."""
    connection_id: pulumi.Output[str]
    """The connection's id at Auth0."""
    connection_name: pulumi.Output[str]
    """The connection's name."""
    version: pulumi.Output[str | None]
    """What runs: the project's version and the archive's digest, or the image."""

    def __init__(
        self,
        name: str,
        args: TikTokLoginArgs,
        opts: pulumi.ResourceOptions | None = None,
        platform: Platform = LINUX_X86_64,
    ) -> None:
        """Declare it with an archive for ``platform``, or raise ``ArchiveError`` or ``ArgumentsError``."""
        super().__init__("tiktok-login:index:TikTokLogin", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        if proxy_url := args.get("proxy_url"):
            self.proxy_url, self.version = pulumi.Output.from_input(proxy_url), pulumi.Output.from_input(None)
        else:
            proxy = TokenProxy(f"{name}-proxy", args, child, platform)
            self.proxy_url, self.version = proxy.url, proxy.version
        connection = TikTokConnection(name, {**args, "token_url": token_url(self.proxy_url)}, child)
        self.health_url = health_url(self.proxy_url)
        self.connection_id = connection.connection_id
        self.connection_name = connection.connection_name
        self.register_outputs(
            {
                "proxy_url": self.proxy_url,
                "health_url": self.health_url,
                "connection_id": self.connection_id,
                "connection_name": self.connection_name,
                "version": self.version,
            }
        )
