"""The example application, served beside a deployment, and registered there as a developer registers one."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urljoin

from emulators.kit.serving import serving
from rehearsal.application.app import create_app
from rehearsal.application.oidc import Client
from rehearsal.emulated_vendors import APPLICATION, EmulatedVendors
from rehearsal.fault_toggles import FaultToggles
from rehearsal.inspector import Inspector

CONNECTION = "tiktok"


@contextmanager
def serve_application(vendors: EmulatedVendors, port: int = 0, *, inspector: bool = True) -> Generator[str]:
    """Serve the application until the block ends, and yield its origin; ``vendors`` must have been deployed to.

    Without ``inspector`` it shows and does what a user's own application would, and nothing else.
    """
    client = Client(
        issuer=f"{vendors.login_origin}/",
        client_id=APPLICATION,
        secret=vendors.tenant.clients[APPLICATION]["client_secret"],
        connection=CONNECTION,
    )
    shown = Inspector(vendors, FaultToggles(vendors, CONNECTION)) if inspector else None
    with serving(create_app(client, secrets.token_urlsafe(), shown), port=port) as origin:
        local = origin.replace("127.0.0.1", "localhost")
        register_callbacks(vendors, f"{local}/callback")
        yield local


def register_callbacks(vendors: EmulatedVendors, *callbacks: str) -> None:
    """Let people come back to ``callbacks``, too; after a sign-out, to the roots of the same origins."""
    client = vendors.tenant.clients[APPLICATION]
    client["callbacks"] = [*client["callbacks"], *callbacks]
    roots = [urljoin(callback, "/") for callback in callbacks]
    client["allowed_logout_urls"] = [*client.get("allowed_logout_urls", []), *roots]
