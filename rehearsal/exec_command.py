"""``python -m rehearsal exec``: a command, such as an application's tests, that signs in to the deployed stack."""

import os
import re
import secrets
import signal
import subprocess
import sys
import warnings
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import Certificate, load_pem_x509_certificate

from emulators import tiktok
from emulators.kit.serving import serving
from rehearsal.arguments import NOT_FOUND
from rehearsal.deployment import Deployment
from rehearsal.emulated_vendors import CONNECTION, EmulatedVendors
from rehearsal.runner import Interruption

# The variables for certificates of OpenSSL (Python among others), requests, curl and Node.
_CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_TRUSTSTORE_PASSWORD = "changeit"  # noqa: S105  # Java's default; a truststore holds nothing secret
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 5
_SIGNALLED = 128


def execute(
    deployed: Deployment, command: Sequence[str], environment: Mapping[str, str], interrupted: Interruption
) -> int:
    """Run ``command`` with ``environment`` and the variables of the deployment, and return its exit code."""
    with sign_in_environment(deployed, environment) as variables:
        return run(command, {**environment, **variables}, interrupted)


def add_apis(deployed: Deployment, apis: Mapping[str, Iterable[str]]) -> None:
    """Register APIs that allow offline access: the scopes of each, by its identifier."""
    for identifier, scopes in apis.items():
        deployed.vendors.tenant.add_api(identifier, *scopes, allow_offline_access=True)


@contextmanager
def sign_in_environment(deployed: Deployment, environment: Mapping[str, str]) -> Generator[dict[str, str]]:
    """Yield the variables by which a test finds Auth0, its applications, the certificates and TikTok's controls.

    They are named as in Auth0's quickstarts; ``environment`` has the user's JAVA_TOOL_OPTIONS, which are kept.
    """
    vendors = deployed.vendors
    bundle = vendors.authority.write_bundle(deployed.folder / "certificates.pem")
    truststore = _write_truststore(bundle, deployed.folder / "truststore.p12")
    # TikTok redirects to the origin that the sign-in began at, which is one of two here.
    uris = [f"{origin}/login/callback" for origin in (vendors.login_origin, vendors.auth0_origin)]
    vendors.tiktok.register_app(vendors.client_key, vendors.client_secret, uris)
    java = f"{environment.get('JAVA_TOOL_OPTIONS', '')} {_java_options(truststore)}".strip()
    with serving(tiktok.create_app(vendors.tiktok, controls=True)) as controls:
        yield {
            "AUTH0_DOMAIN": vendors.domain,
            "AUTH0_ISSUER": f"{vendors.auth0_origin}/",
            "AUTH0_ISSUER_BASE_URL": vendors.auth0_origin,
            "AUTH0_HTTP_ISSUER": f"{vendors.login_origin}/",
            "AUTH0_SECRET": secrets.token_hex(32),
            "AUTH0_CONNECTION": CONNECTION,
            **_application_variables(vendors),
            **({"AUTH0_AUDIENCE": next(iter(vendors.tenant.apis))} if vendors.tenant.apis else {}),
            "TIKTOK_CONTROLS": f"{controls}/emulator",
            "JAVA_TOOL_OPTIONS": java,
            **dict.fromkeys(_CERTIFICATES, str(bundle)),
        }


def _application_variables(vendors: EmulatedVendors) -> dict[str, str]:
    """Return the id and the secret of each application; all but the first have their names in the variables' names."""
    variables: dict[str, str] = {}
    for place, application in enumerate(vendors.applications):
        suffix = f"_{application.name.upper().replace('-', '_')}" if place else ""
        variables[f"AUTH0_CLIENT_ID{suffix}"] = application.name
        if not application.spa:
            secret = vendors.tenant.clients[application.name]["client_secret"]
            variables[f"AUTH0_CLIENT_SECRET{suffix}"] = secret
    return variables


def _write_truststore(bundle: Path, path: Path) -> Path:
    """Write the certificates of ``bundle`` as a truststore that every Java since 9 reads (PKCS #12)."""
    roots = [PKCS12Certificate(root, f"root-{place}".encode()) for place, root in enumerate(_roots(bundle))]
    password = BestAvailableEncryption(_TRUSTSTORE_PASSWORD.encode())
    path.write_bytes(serialize_java_truststore(roots, password))
    return path


def _roots(bundle: Path) -> Generator[Certificate]:
    """Yield the certificates, but for the few old roots that break RFC 5280, which the library warns of."""
    with warnings.catch_warnings(action="error", category=CryptographyDeprecationWarning):
        for pem in re.findall(
            rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", bundle.read_bytes(), re.DOTALL
        ):
            with suppress(CryptographyDeprecationWarning, ValueError):
                yield load_pem_x509_certificate(pem)


def _java_options(truststore: Path) -> str:
    options = {"": truststore, "Password": _TRUSTSTORE_PASSWORD, "Type": "PKCS12"}
    return " ".join(f"-Djavax.net.ssl.trustStore{name}={value}" for name, value in options.items())


def run(command: Sequence[str], environment: Mapping[str, str], interrupted: Interruption) -> int:
    """Run ``command`` in a process group of its own and return its exit code, as a shell would.

    Once ``interrupted`` is set the group gets the same signal, five seconds later SIGTERM, and then SIGKILL. Whatever
    the command started ends with it, unless it left the group.
    """
    try:
        process = subprocess.Popen(command, env=environment, process_group=0)  # noqa: S603  # the user's own command
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}.", file=sys.stderr)
        return NOT_FOUND
    with process:
        try:
            with _foreground(process.pid):
                _wait(process, interrupted)
        finally:
            _signal_group(process, signal.SIGKILL)
    return process.returncode if process.returncode >= 0 else _SIGNALLED - process.returncode


@contextmanager
def _foreground(group: int) -> Generator[None]:
    """Give the terminal, if there is one, to the process group, so that it may read from it and gets Ctrl-C."""
    if not sys.stdin.isatty() or os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
        yield
        return
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # or the last line here would stop this process
    own = os.getpgrp()
    os.tcsetpgrp(sys.stdin.fileno(), group)
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGCONT)  # it may have tried to read too early, and was stopped
    try:
        yield
    finally:
        os.tcsetpgrp(sys.stdin.fileno(), own)
        signal.signal(signal.SIGTTOU, before)


def _wait(process: subprocess.Popen[bytes], interrupted: Interruption) -> None:
    while process.poll() is None and not interrupted.is_set():
        with suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_SECONDS)
    for number in dict.fromkeys((interrupted.number, signal.SIGTERM)):
        if process.poll() is None:
            _signal_group(process, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE_SECONDS)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS refuses to signal a group of zombies
        os.killpg(process.pid, number)
