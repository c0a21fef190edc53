"""Serves the example application for a deployment, and registers it at Auth0."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urljoin

from pulumi.automation import Stack
from pulumi.automation.errors import CommandError

from emulators.kit.serving import serving
from rehearsal.application.app import create_app
from rehearsal.application.oidc import Client
from rehearsal.emulated_vendors import APPLICATION, CONNECTION, EmulatedVendors
from rehearsal.fault_toggles import FaultToggles
from rehearsal.inspector import Inspector


@contextmanager
def serve_application(vendors: EmulatedVendors, stack: Stack | None = None, port: int = 0) -> Generator[str]:
    """Serve the application until the block ends, and yield its origin; ``vendors`` must have been deployed to.

    With ``stack`` the page has an inspector and the emulators' pages link back to it. Without, it is a plain
    application.
    """
    client = Client(
        issuer=f"{vendors.login_origin}/",
        client_id=APPLICATION,
        secret=vendors.tenant.clients[APPLICATION]["client_secret"],
        connection=CONNECTION,
    )
    inspector = Inspector(vendors, FaultToggles(vendors, CONNECTION), lambda: _repair(stack)) if stack else None
    with serving(create_app(client, secrets.token_urlsafe(), inspector), port=port) as origin:
        local = origin.replace("127.0.0.1", "localhost")
        if stack:
            vendors.tiktok.home_url = vendors.tenant.home_url = f"{local}/"
        register_callbacks(vendors, f"{local}/callback")
        yield local


def register_callbacks(vendors: EmulatedVendors, *callbacks: str) -> None:
    """Also allow ``callbacks``, and logouts to the roots of their origins."""
    client = vendors.tenant.clients[APPLICATION]
    client["callbacks"] = [*client["callbacks"], *callbacks]
    roots = [urljoin(callback, "/") for callback in callbacks]
    client["allowed_logout_urls"] = [*client.get("allowed_logout_urls", []), *roots]


def _repair(stack: Stack) -> str:
    """Run ``pulumi up --refresh`` and return its output, also if it fails."""
    lines = ["$ pulumi up --refresh"]
    try:
        stack.up(refresh=True, diff=True, color="never", on_output=lines.append, on_error=lines.append)
    except CommandError:
        lines.append("The update failed.")
    return "\n".join(lines)
