"""``python -m rehearsal exec``: somebody else's tests, run while everything that they sign in through is there."""

import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from emulators import tiktok
from emulators.kit.serving import serving
from rehearsal.deployment import Deployment
from rehearsal.emulated_vendors import APPLICATION, EmulatedVendors
from rehearsal.serve_application import CONNECTION, register_callbacks

# How OpenSSL (Python among others), requests, curl and Node are told what to trust.
_CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_NOTICE_SECONDS = 0.2
_PATIENCE_SECONDS = 10
_SIGNALLED = 128
_NOT_FOUND = 127


def execute(
    deployed: Deployment,
    callbacks: Sequence[str],
    command: Sequence[str],
    environment: Mapping[str, str],
    ended: threading.Event,
) -> int:
    """Run ``command`` in ``environment``, to which it is added where to sign in, and return its exit code."""
    vendors = deployed.vendors
    bundle = vendors.authority.write_bundle(deployed.folder / "certificates.pem")
    register_callbacks(vendors, *callbacks)
    # TikTok sends people back to the origin that their sign-in began at, here either of two.
    uris = [f"{origin}/login/callback" for origin in (vendors.login_origin, vendors.auth0_origin)]
    vendors.tiktok.register_app(vendors.client_key, vendors.client_secret, uris)
    with serving(tiktok.create_app(vendors.tiktok, controls=True)) as controls:
        return run(command, {**environment, **_variables(vendors, bundle, controls)}, ended)


def _variables(vendors: EmulatedVendors, bundle: Path, controls: str) -> dict[str, str]:
    """Return what Auth0's own quickstarts read, and the certificates to trust, by the names that clients know."""
    return {
        "AUTH0_DOMAIN": vendors.domain,
        "AUTH0_ISSUER": f"{vendors.auth0_origin}/",
        "AUTH0_ISSUER_BASE_URL": vendors.auth0_origin,
        "AUTH0_HTTP_ISSUER": f"{vendors.login_origin}/",
        "AUTH0_CLIENT_ID": APPLICATION,
        "AUTH0_CLIENT_SECRET": vendors.tenant.clients[APPLICATION]["client_secret"],
        "AUTH0_SECRET": secrets.token_hex(32),
        "AUTH0_CONNECTION": CONNECTION,
        "TIKTOK_CONTROLS": f"{controls}/emulator",
        **dict.fromkeys(_CERTIFICATES, str(bundle)),
    }


def run(command: Sequence[str], environment: Mapping[str, str], ended: threading.Event) -> int:
    """Run ``command`` and return its exit code as a shell does; once ``ended`` is set it has ten seconds left."""
    try:
        process = subprocess.Popen(command, env=environment)  # noqa: S603  # what this was called for
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}.", file=sys.stderr)
        return _NOT_FOUND
    with process:
        try:
            _wait(process, ended)
        finally:
            process.kill()
    return process.returncode if process.returncode >= 0 else _SIGNALLED - process.returncode


def _wait(process: subprocess.Popen[bytes], ended: threading.Event) -> None:
    """Wait for the end, which Ctrl-C tells the command by itself."""
    while process.poll() is None and not ended.is_set():
        with suppress(subprocess.TimeoutExpired):
            process.wait(_NOTICE_SECONDS)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE_SECONDS)
