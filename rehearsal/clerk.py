"""``make rehearsal IDENTITY=clerk``: runs the program in ``clerk/`` against an emulated Clerk."""

import secrets
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pulumi.automation import PulumiCommand, Stack

from clerk.program import deploy
from emulators.clerk import Application, Clerk, create_app
from emulators.kit.serving import serving
from rehearsal.environment import engine_environment
from rehearsal.runner import Steps
from rehearsal.stack import ROOT, Secret, new_stack

_PLUGIN = "pulumi-resource-clerk"


@dataclass(frozen=True, kw_only=True)
class ClerkDeployment:
    """A stack, the emulated Clerk that it is deployed to, and the folder that holds its state and settings."""

    stack: Stack
    clerk: Clerk
    application: Application
    platform_key: str = field(repr=False)
    client_secret: str = field(repr=False)
    folder: Path

    def show(self, steps: Steps) -> int:
        """Print the state of the instance at Clerk, and return exit code 0; there is nothing to sign in to."""
        for environment, instance in self.application.instances.items():
            on = instance.config.get("connection_oauth_tiktok", {}).get("enabled") is True
            steps.say(f"TikTok is {'on' if on else 'off'} in Clerk's {environment} instance.")
        return 0


@contextmanager
def clerk_deployment(command: PulumiCommand) -> Generator[ClerkDeployment]:
    """Yield a stack that is set up for a new workspace at Clerk; all that they left in files is gone afterwards."""
    workspace = Clerk()
    application = workspace.add_application("example.com")
    platform_key, client_secret = workspace.add_key("applications:manage"), secrets.token_urlsafe(24)
    with (
        tempfile.TemporaryDirectory(prefix="rehearsal-") as name,
        serving(create_app(workspace)) as origin,
    ):
        settings = {
            "apiOrigin": origin,
            "application": application.id,
            "instance": "production",
            "platformKey": Secret(platform_key),
            "clientKey": "aw" + secrets.token_hex(8),
            "clientSecret": Secret(client_secret),
            "protect": "false",
        }
        configuration = {f"tiktok-login-clerk:{key}": value for key, value in settings.items()}
        folder = Path(name)
        stack = new_stack(folder, command, deploy, configuration, engine_environment(folder), project="clerk")
        # Pulumi.yaml names the plugin by its path.
        Path(stack.workspace.work_dir, _PLUGIN).symlink_to(ROOT / "clerk" / _PLUGIN)
        yield ClerkDeployment(
            stack=stack,
            clerk=workspace,
            application=application,
            platform_key=platform_key,
            client_secret=client_secret,
            folder=folder,
        )
