"""A prompt beside a deployment onto an emulated Clerk whose Frontend API is served as well, and an emulated TikTok."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from pulumi.automation import PulumiCommand

from emulators import tiktok
from emulators.clerk import create_app
from emulators.kit.authority import ThrowAwayAuthority
from emulators.kit.serving import serving
from rehearsal.stack import configure
from tests.support.clerk.driving import ClerkDriver, driven
from tests.support.operations.typing_commands import Prompt, typing_environment


@dataclass(frozen=True, kw_only=True)
class ClerkShell(Prompt):
    """A prompt beside a stack on Clerk, whose Frontend API is at ``frontend``, a host and a port."""

    driver: ClerkDriver
    tiktok: tiktok.TikTok
    client_key: str
    frontend: str


@contextmanager
def clerk_shell(command: PulumiCommand) -> Generator[ClerkShell]:
    """Yield a prompt beside a new workspace, to which nothing was deployed; secrets are searched for afterwards."""
    people, authority = tiktok.TikTok(), ThrowAwayAuthority()
    with (
        driven(command) as driver,
        serving(tiktok.create_app(people)) as tiktok_origin,
        serving(create_app(driver.clerk), tls=authority.server_context()) as frontend_origin,
    ):
        driver.production.host = urlsplit(frontend_origin).netloc
        configure(driver.stack, {"tiktok-login-clerk:tiktokApiOrigin": tiktok_origin})
        shell = ClerkShell(
            project=driver.folder / "project",
            environment=typing_environment(driver.stack, driver.folder, command, authority),
            driver=driver,
            tiktok=people,
            client_key=driver.stack.get_config("tiktok-login-clerk:clientKey").value,
            frontend=driver.production.host,
        )
        known_to_tiktok(shell, driver.client_secret)
        yield shell


def known_to_tiktok(shell: ClerkShell, client_secret: str) -> None:
    """Give the stack's app at TikTok this secret."""
    shell.tiktok.register_app(shell.client_key, client_secret, ["https://clerk.example.com/v1/oauth_callback"])
