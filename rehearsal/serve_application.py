"""The example application, served beside a deployed world, and registered there as a developer registers one."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urljoin

from emulators.kit.serving import serving
from rehearsal.application.app import create_app
from rehearsal.application.oidc import Client
from rehearsal.emulated_vendors import APPLICATION, World
from rehearsal.fault_toggles import Switches
from rehearsal.inspector import Backstage

CONNECTION = "tiktok"


@contextmanager
def application(world: World, port: int = 0, *, backstage: bool = True) -> Generator[str]:
    """Serve the application until the block ends, and yield its origin; ``world`` must have been deployed to.

    Without ``backstage`` it shows and does what a user's own application would, and nothing else.
    """
    client = Client(
        issuer=f"{world.login_origin}/",
        client_id=APPLICATION,
        secret=world.tenant.clients[APPLICATION]["client_secret"],
        connection=CONNECTION,
    )
    shown = Backstage(world, Switches(world, CONNECTION)) if backstage else None
    with serving(create_app(client, secrets.token_urlsafe(), shown), port=port) as origin:
        local = origin.replace("127.0.0.1", "localhost")
        register(world, f"{local}/callback")
        yield local


def register(world: World, *callbacks: str) -> None:
    """Let people come back to ``callbacks``, too; after a sign-out, to the roots of the same origins."""
    client = world.tenant.clients[APPLICATION]
    client["callbacks"] = [*client["callbacks"], *callbacks]
    roots = [urljoin(callback, "/") for callback in callbacks]
    client["allowed_logout_urls"] = [*client.get("allowed_logout_urls", []), *roots]
