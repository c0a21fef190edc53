"""A certificate authority for one run, so that emulators can be reached over https."""

import ssl
from pathlib import Path

import trustme


class ThrowAwayAuthority:
    """An authority whose key exists only in this object."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="tiktok-login rehearsal")
        self._server = self._authority.issue_cert("localhost", "127.0.0.1", "::1")

    def server_context(self) -> ssl.SSLContext:
        """Return a context that serves https on localhost, 127.0.0.1 and ::1."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # half typed
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return a context that trusts this authority only."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._authority.configure_trust(context)  # pyright: ignore[reportUnknownMemberType]  # half typed
        return context

    def write_bundle(self, path: Path) -> Path:
        """Write the system's roots and this one to ``path`` (PEM, for SSL_CERT_FILE), and return it."""
        system = ssl.get_default_verify_paths().cafile
        roots = Path(system).read_bytes() if system else b""
        path.write_bytes(roots + b"\n" + self._authority.cert_pem.bytes())
        return path

    def write_root(self, path: Path) -> Path:
        """Write this root alone to ``path`` (PEM), which loads faster than a bundle, and return it."""
        self._authority.cert_pem.write_to_path(path)
        return path
