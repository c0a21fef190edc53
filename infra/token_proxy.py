"""The token proxy, between Auth0 and TikTok's token endpoint."""

from hashlib import sha256
from typing import NotRequired, TypedDict

import pulumi

from infra.alerts import Alerts, AlertsArgs
from infra.archive.build import Platform
from infra.archive.cache import LINUX_X86_64
from infra.arguments import check_arguments
from infra.cloud_run_container import Workload
from infra.cloud_run_service import CloudRunService, archive_bucket
from infra.cloud_run_settings import Hosting, ResolvedHosting

TIKTOK_API_ORIGIN = "https://open.tiktokapis.com"


class TikTokAppArgs(TypedDict):
    """An app in TikTok's portal."""

    client_key: pulumi.Input[str]
    """TikTok's client key."""
    client_secret: pulumi.Input[str]
    """TikTok's client secret."""
    tiktok_api_origin: NotRequired[pulumi.Input[str]]
    """Origin of TikTok's token and user info endpoints; by default https://open.tiktokapis.com."""
    protect: NotRequired[bool]
    """Refuse to delete what people sign in with; by default true."""


class TokenProxyArgs(TikTokAppArgs):
    """The one TikTok app that the proxy serves, and where it runs."""

    previous_client_secret: NotRequired[pulumi.Input[str]]
    """The client secret before this one, accepted too while it is rotated."""
    image: NotRequired[pulumi.Input[str]]
    """A container image that runs instead of the archive."""
    hosting: NotRequired[Hosting]
    """Where and how the proxy runs in Cloud Run."""
    alert_email: NotRequired[pulumi.Input[str]]
    """Who gets an e-mail when sign-ins fail or the proxy is down; nobody if it is empty."""


class TokenProxy(pulumi.ComponentResource):
    """A service that translates RFC 6749 to TikTok's dialect, for one client key; holds no secret and no role."""

    url: pulumi.Output[str]
    """Origin of the token proxy."""
    token_url: pulumi.Output[str]
    """The token endpoint, for a connection."""
    health_url: pulumi.Output[str]
    """Answers with status 200 while the proxy serves."""
    version: pulumi.Output[str]
    """What runs: the project's version and the archive's digest, or the image."""

    def __init__(
        self,
        name: str,
        args: TokenProxyArgs,
        opts: pulumi.ResourceOptions | None = None,
        platform: Platform = LINUX_X86_64,
    ) -> None:
        """Declare it with an archive for ``platform``, or raise ``ArchiveError`` or ``ArgumentsError``."""
        args = check_arguments(args)
        hosting = resolve_hosting(name, args, platform)
        super().__init__("tiktok-login:index:TokenProxy", name, {}, opts)
        workload = Workload(
            package="proxy_app",
            title="TikTok token proxy",
            environment=_environment(args),
            health_path="/health",
            image=args.get("image"),
        )
        service = CloudRunService(name, workload, hosting, pulumi.ResourceOptions(parent=self))
        self.url = service.url
        self.token_url = token_url(self.url)
        self.health_url = health_url(self.url)
        self.version = service.version
        if email := args.get("alert_email"):
            alerts = AlertsArgs(
                email=email,
                title=f"TikTok sign-in ({pulumi.get_stack()})",
                service_name=service.service_name,
                url=service.url,
                project=hosting.project,
            )
            Alerts(f"{name}-alerts", alerts, pulumi.ResourceOptions(parent=self))
        self.register_outputs({output: getattr(self, output) for output in TokenProxy.__annotations__})


def resolve_hosting(name: str, args: TokenProxyArgs, platform: Platform) -> ResolvedHosting:
    """Return where a proxy runs, or raise ``ArgumentsError``."""
    image = args.get("image")
    hosting = ResolvedHosting.resolve(
        args.get("hosting", {}), protect=args.get("protect", True), platform=platform, builds_archive=not image
    )
    if not image and not hosting.archive_bucket:
        archive_bucket(name, hosting.project)
    return hosting


def token_url(url: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the token endpoint of the proxy at ``url``."""
    return pulumi.Output.concat(url, "/proxy/token")


def health_url(url: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the health endpoint of the proxy at ``url``."""
    return pulumi.Output.concat(url, "/health")


def _environment(args: TokenProxyArgs) -> dict[str, pulumi.Input[str]]:
    secrets = pulumi.Output.all(args["client_secret"], args.get("previous_client_secret"))
    return {
        "HOST": "0.0.0.0",  # noqa: S104  # Cloud Run's contract: https://docs.cloud.google.com/run/docs/container-contract
        "TIKTOK_CLIENT_KEY": args["client_key"],
        # The SHA-256 of a random secret reveals nothing, and a Pulumi secret here would hide the whole container from
        # reviewers.
        "TIKTOK_CLIENT_SECRET_SHA256": pulumi.Output.unsecret(secrets.apply(_digests)),
        "TIKTOK_TOKEN_URL": pulumi.Output.concat(args.get("tiktok_api_origin", TIKTOK_API_ORIGIN), "/v2/oauth/token/"),
    }


def _digests(secrets: list[str | None]) -> str:
    """Return the SHA-256 of each secret in hex, separated by blanks, as the proxy reads them."""
    return " ".join(sha256(secret.encode()).hexdigest() for secret in secrets if secret)
