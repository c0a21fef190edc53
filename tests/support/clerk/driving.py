"""A deployment onto an emulated Clerk, with the verbs of all engine tests."""

from collections.abc import Generator
from contextlib import contextmanager

from pulumi.automation import PulumiCommand

from emulators.clerk import Instance
from emulators.kit.recording import Exchange
from rehearsal.clerk import ClerkDeployment, clerk_deployment
from tests.support.engine.driving import Driver, secrets_in

KEY = "connection_oauth_tiktok"
CONNECTION = "tiktok-on-clerk"


class ClerkDriver(Driver):
    """The verbs of ``pulumi``, for one stack on Clerk."""

    def __init__(self, deployed: ClerkDeployment) -> None:
        """Drive ``deployed``, whose settings are those of a rehearsal until a test changes them."""
        self.stack, self.folder, self.clerk = deployed.stack, deployed.folder, deployed.clerk
        self.application = deployed.application
        self.platform_key, self.client_secret = deployed.platform_key, deployed.client_secret
        self.said, self.secrets, self.paths = [], [self.platform_key, self.client_secret], {}

    @property
    def production(self) -> Instance:
        """The instance that a rehearsal deploys to."""
        return self.application.instances["production"]

    @property
    def tiktok(self) -> dict[str, object]:
        """What production holds of TikTok, secret included."""
        return self.production.config.get(KEY, {})

    def patches(self) -> list[Exchange]:
        """Return the changes that Clerk was asked for, dry runs apart."""
        return [
            each for each in self.clerk.received if each.method == "PATCH" and ("dry_run", "true") not in each.query
        ]


@contextmanager
def driven(command: PulumiCommand) -> Generator[ClerkDriver]:
    """Yield a driver of a new workspace, and search for secrets afterwards."""
    with clerk_deployment(command) as deployed:
        driver = ClerkDriver(deployed)
        yield driver
        assert not secrets_in(driver.folder, driver.said, driver.secrets)
