"""The token proxy, between Auth0 and TikTok's token endpoint."""

from dataclasses import dataclass
from hashlib import sha256

import pulumi

from infra.archive.build import Platform
from infra.cloud_run_service import Workload, public_service
from infra.cloud_run_settings import Hosting
from infra.tiktok_app import TikTokApp


@dataclass(frozen=True, kw_only=True)
class TokenProxyArgs:
    """What the proxy needs: ``where`` it is to be hosted, or the origin of one that runs already."""

    where: str | Hosting
    app: TikTokApp
    image: str
    platform: Platform


class TokenProxy(pulumi.ComponentResource):
    """A service that translates RFC 6749 to TikTok's dialect, for one client key; holds no secret and no role."""

    url: pulumi.Output[str]
    token_url: pulumi.Output[str]
    health_url: pulumi.Output[str]
    version: pulumi.Output[str | None]

    def __init__(self, name: str, args: TokenProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare it, with nothing below it where one runs already, or raise ``ArchiveError``."""
        super().__init__("tiktok-login:infra:TokenProxy", name, {}, opts)
        url, version = self._address(name, args)
        self.url = pulumi.Output.from_input(url)
        self.token_url = pulumi.Output.concat(url, "/proxy/token")
        self.health_url = pulumi.Output.concat(url, "/health")
        self.version = pulumi.Output.from_input(version)
        self.register_outputs({"url": self.url, "token_url": self.token_url, "version": self.version})

    def _address(self, name: str, args: TokenProxyArgs) -> tuple[pulumi.Input[str], str | None]:
        if isinstance(args.where, str):
            return args.where, None
        workload = Workload(
            package="proxy_app",
            title="TikTok token proxy",
            environment=_environment(args.app),
            health_path="/health",
            image=args.image,
        )
        service = public_service(name, workload, args.where, args.platform, parent=self)
        return service.url, service.version


def _environment(app: TikTokApp) -> dict[str, pulumi.Input[str]]:
    secrets = pulumi.Output.all(app.client_secret, app.previous_client_secret)
    return {
        "HOST": "0.0.0.0",  # noqa: S104  # Cloud Run's contract: https://docs.cloud.google.com/run/docs/container-contract
        "TIKTOK_CLIENT_KEY": app.client_key,
        # The SHA-256 of a random secret gives nothing away, and a secret here would hide the whole container in every
        # preview that a reviewer reads.
        "TIKTOK_CLIENT_SECRET_SHA256": pulumi.Output.unsecret(secrets.apply(_digests)),
        "TIKTOK_TOKEN_URL": app.token_url,
    }


def _digests(secrets: list[str | None]) -> str:
    """Return the SHA-256 of each secret there is, in hex, with blanks between, as the proxy reads them."""
    return " ".join(sha256(secret.encode()).hexdigest() for secret in secrets if secret)
