"""The example application, served beside a deployed world, and registered there as a developer registers one."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager

from emulators.serving import serving
from rehearsal.application.app import create_app
from rehearsal.application.oidc import Client
from rehearsal.backstage import Backstage
from rehearsal.switches import Switches
from rehearsal.world import APPLICATION, World

_CONNECTION = "tiktok"


@contextmanager
def application(world: World, port: int = 0) -> Generator[str]:
    """Serve the application until the block ends, and yield its origin; ``world`` must have been deployed to."""
    client = Client(
        issuer=f"{world.login_origin}/",
        client_id=APPLICATION,
        secret=world.tenant.clients[APPLICATION]["client_secret"],
        connection=_CONNECTION,
    )
    backstage = Backstage(world, Switches(world, _CONNECTION))
    with serving(create_app(client, secrets.token_urlsafe(), backstage), port=port) as origin:
        local = origin.replace("127.0.0.1", "localhost")
        register(world, f"{local}/callback", f"{local}/")
        yield local


def register(world: World, callback: str, *logout_urls: str) -> None:
    """Let the application of ``world`` send people back to ``callback``, and after a sign-out to ``logout_urls``."""
    world.tenant.clients[APPLICATION] |= {"callbacks": [callback], "allowed_logout_urls": list(logout_urls)}
