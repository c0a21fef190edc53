"""Sign-in with TikTok as one component: the token proxy and the connection, joined."""

from typing import NotRequired
from urllib.parse import urlsplit

import pulumi

from infra.archive.build import Platform
from infra.archive.cache import LINUX_X86_64
from infra.config_reader import read_provider_setting
from infra.tiktok_connection import SignInArgs, TikTokConnection, check_sign_in
from infra.token_proxy import TokenProxy, TokenProxyArgs, health_url, resolve_hosting, token_url


class TikTokLoginArgs(TokenProxyArgs, SignInArgs):
    """Everything that sign-in with TikTok needs."""

    proxy_url: NotRequired[pulumi.Input[str]]
    """Origin of a token proxy that runs elsewhere; then nothing is deployed to Google Cloud."""
    login_origin: NotRequired[pulumi.Input[str]]
    """Origin of the tenant or its custom domain, for the redirect URI; by default https:// and auth0:domain."""


class TikTokLogin(pulumi.ComponentResource):
    """Sign in with TikTok on an Auth0 tenant, through a token proxy on Cloud Run."""

    proxy_url: pulumi.Output[str]
    """Origin of the token proxy."""
    token_url: pulumi.Output[str]
    """The token proxy's token endpoint."""
    health_url: pulumi.Output[str]
    """Answers with status 200 while the proxy serves."""
    connection_id: pulumi.Output[str]
    """The connection's id at Auth0."""
    connection_name: pulumi.Output[str]
    """The connection's name."""
    redirect_uri: pulumi.Output[str | None]
    """What to register in TikTok's portal as redirect URI; nothing if the tenant's domain is not known."""
    redirect_domain: pulumi.Output[str | None]
    """The domain of the redirect URI, which TikTok's portal asks for too."""
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
        args = check_sign_in(args)
        proxy_url = args.get("proxy_url")
        if not proxy_url:
            resolve_hosting(f"{name}-proxy", args, platform)
        super().__init__("tiktok-login:index:TikTokLogin", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        if proxy_url:
            self.proxy_url, self.version = pulumi.Output.from_input(proxy_url), pulumi.Output.from_input(None)
        else:
            proxy = TokenProxy(f"{name}-proxy", args, child, platform)
            self.proxy_url, self.version = proxy.url, proxy.version
        self.token_url = token_url(self.proxy_url)
        connection = TikTokConnection(name, {**args, "token_url": self.token_url}, child)
        self.health_url = health_url(self.proxy_url)
        self.connection_id = connection.connection_id
        self.connection_name = connection.connection_name
        login_origin = pulumi.Output.from_input(args.get("login_origin") or _tenant_origin())
        self.redirect_uri = login_origin.apply(_known_redirect_uri)
        self.redirect_domain = login_origin.apply(redirect_domain)
        self.register_outputs({output: getattr(self, output) for output in TikTokLogin.__annotations__})


def redirect_uri(login_origin: str) -> str:
    """Return Auth0's callback, which must be registered exactly in TikTok's portal."""
    return f"{login_origin}/login/callback"


def redirect_domain(login_origin: str) -> str | None:
    """Return the domain of the redirect URI, or None if the origin is not known."""
    return urlsplit(login_origin).hostname


def _known_redirect_uri(login_origin: str) -> str | None:
    return redirect_uri(login_origin) if login_origin else None


def _tenant_origin() -> str:
    domain = read_provider_setting("auth0:domain", ["AUTH0_DOMAIN"])
    return f"https://{domain.lower()}" if domain else ""
