"""A stand-in for TikTok, so that a developer can sign in before TikTok has approved the app."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from infra.cloud_run_container import Workload
from infra.cloud_run_service import CloudRunService
from infra.cloud_run_settings import ResolvedHosting


@dataclass(frozen=True, kw_only=True)
class TikTokStandInArgs:
    """Where it runs, and the redirect URI and scopes of its one app."""

    hosting: ResolvedHosting
    redirect_uri: str
    scopes: Sequence[str]


class TikTokStandIn(pulumi.ComponentResource):
    """TikTok's consent page, token and user info endpoints for a fixed set of test persons; has no controls."""

    # Public on purpose: they protect nothing but test persons.
    client_key = "standinclientkey"
    client_secret = "stand-in-client-secret"  # noqa: S105  # see above
    url: pulumi.Output[str]

    def __init__(self, name: str, args: TikTokStandInArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare it, or raise ``ArchiveError`` or ``ArgumentsError``."""
        super().__init__("tiktok-login:index:TikTokStandIn", name, {}, opts)
        workload = Workload(
            package="emulators.tiktok",
            title="TikTok stand-in",
            environment={
                "HOST": "0.0.0.0",  # noqa: S104  # Cloud Run's contract: https://docs.cloud.google.com/run/docs/container-contract
                "TIKTOK_APP_KEY": self.client_key,
                "TIKTOK_APP_SECRET": self.client_secret,
                "TIKTOK_APP_REDIRECT_URIS": args.redirect_uri,
                "TIKTOK_APP_SCOPES": ",".join(args.scopes),
            },
            # TikTok accepts https only. In a rehearsal Auth0 runs on this machine, so its callback is http.
            arguments=("--allow-http",),
            health_path="/",
        )
        self.url = CloudRunService(name, workload, args.hosting, pulumi.ResourceOptions(parent=self)).url
        self.register_outputs({"url": self.url})
