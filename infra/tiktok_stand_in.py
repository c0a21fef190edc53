"""A stand-in for TikTok, so that a developer can sign in before TikTok has approved the app."""

from dataclasses import dataclass

import pulumi

from infra.archive.build import Platform
from infra.cloud_run_service import Workload, public_service
from infra.cloud_run_settings import Hosting
from infra.settings import Settings
from infra.tiktok_app import TikTokApp

# Public on purpose: they guard nothing but test persons.
_KEY = "standinclientkey"
_SECRET = "stand-in-client-secret"  # noqa: S105  # see above


@dataclass(frozen=True, kw_only=True)
class TikTokStandInArgs:
    """What the stand-in needs: where it runs, and the one redirect URI that it knows."""

    hosting: Hosting
    callback: str
    platform: Platform


class TikTokStandIn(pulumi.ComponentResource):
    """TikTok's consent page, token and user info endpoints for a fixed set of test persons; has no controls."""

    app: TikTokApp

    def __init__(self, name: str, args: TikTokStandInArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare it, or raise ``ArchiveError``."""
        super().__init__("tiktok-login:infra:TikTokStandIn", name, {}, opts)
        environment = {
            "HOST": "0.0.0.0",  # noqa: S104  # Cloud Run's contract: https://docs.cloud.google.com/run/docs/container-contract
            "TIKTOK_APP_KEY": _KEY,
            "TIKTOK_APP_SECRET": _SECRET,
            "TIKTOK_APP_REDIRECT_URIS": args.callback,
        }
        workload = Workload(
            package="emulators.tiktok",
            title="TikTok stand-in",
            environment=environment,
            # TikTok takes https only; the callback is http where Auth0 is on this machine, too.
            arguments=("--allow-http",),
            health_path="/",
        )
        service = public_service(name, workload, args.hosting, args.platform, parent=self)
        self.app = TikTokApp(client_key=_KEY, client_secret=_SECRET, origin=service.url, api_origin=service.url)
        self.register_outputs({"url": service.url})


def app_to_sign_in_with(settings: Settings, platform: Platform) -> TikTokApp:
    """Return the settings' app, or that of a stand-in which this declares."""
    if not settings.stand_in or isinstance(settings.proxy, str):
        return settings.app
    args = TikTokStandInArgs(hosting=settings.proxy, callback=settings.callback, platform=platform)
    return TikTokStandIn("tiktok-stand-in", args).app
