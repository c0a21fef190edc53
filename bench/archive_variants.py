"""The proxy's archive, and copies that each leave out one step towards a fast start."""

import compileall
import re
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from py_compile import PycInvalidationMode

from bench.stacks import PORT

_SYSTEM_ROOTS = Path("/etc/ssl/certs")
_UVICORN = (
    "python",
    "-m",
    "uvicorn",
    "served:app",
    "--http=httptools",
    "--ws=none",
    "--no-access-log",
    "--log-level=warning",
)
_SERVED = """
import os
import sys

from proxy_app.app import create_app
from proxy_app.settings import Settings

app = create_app(Settings.from_environment(os.environ), sys.stdout)
"""
_NO_PRECONNECT = "\nTikTokClient.preconnect = lambda self, early: None\n"


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The archive with one difference: text at the ends of files, how it is compiled, or how it is started."""

    title: str
    appended: Mapping[str, str] = field(default_factory=dict[str, str])
    compiled: PycInvalidationMode | None = PycInvalidationMode.UNCHECKED_HASH
    command: tuple[str, ...] = ("python", "-m", "proxy_app")
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def unpack(self, packed: Path, folder: Path) -> None:
        """Unpack the archive into ``folder`` with this difference."""
        with tarfile.open(packed) as tar:
            tar.extractall(folder, filter="data")
        for name, text in self.appended.items():
            _append(folder / name, text)
        for path in folder.rglob("*.pyc"):
            if self.compiled is None:
                path.unlink()
        if self.compiled and (self.appended or self.compiled is not PycInvalidationMode.UNCHECKED_HASH):
            compileall.compile_dir(folder, quiet=1, force=True, invalidation_mode=self.compiled)


def _append(path: Path, text: str) -> None:
    """Add ``text``; its private names must exist already, since otherwise it would change nothing."""
    before = path.read_text() if path.exists() else ""
    for name in re.findall(r"^(?:def )?(_\w+)", text, re.MULTILINE):
        if name not in before:
            raise SystemExit(
                f"There is no {name} in {path.name} any more. Update the variants in bench/archive_variants.py."
            )
    path.write_text(before + text)


def variants(root: Path, folder: Path) -> list[Variant]:
    """Return the archive as it is, then its variants. All trust ``root``; ``folder`` is for extra files."""
    roots, bundle = _system_roots_and(root, folder)
    return [
        Variant(title="the archive as it is"),
        Variant(title="no .pyc, nor Python's own", compiled=None, environment={"PYTHONPYCACHEPREFIX": str(folder)}),
        Variant(title="no .pyc in the archive", compiled=None),
        Variant(title=".pyc compared with their sources", compiled=PycInvalidationMode.CHECKED_HASH),
        Variant(title="TikTok connected to when it is needed", appended={"proxy_app/tiktok_client.py": _NO_PRECONNECT}),
        Variant(
            title="all of the system's roots, from a folder",
            appended={"proxy_app/tiktok_client.py": f"\n_SYSTEM_ROOTS = Path({str(roots)!r})\n"},
            environment={"SSL_CERT_FILE": ""},
        ),
        Variant(title="all of the system's roots, from one file", environment={"SSL_CERT_FILE": str(bundle)}),
        Variant(title="Python without its site module (-S)", command=("python", "-S", "-m", "proxy_app")),
        Variant(
            title="started by uvicorn's command line",
            appended={"served.py": _SERVED},
            command=(*_UVICORN, f"--port={PORT}"),
        ),
    ]


def _system_roots_and(root: Path, folder: Path) -> tuple[Path, Path]:
    """Return a folder of hashed names and one file, each of the system's roots and ``root``."""
    roots, bundle = folder / "roots", folder / "roots.pem"
    roots.mkdir()
    for path in _SYSTEM_ROOTS.glob("*.0"):
        (roots / path.name).symlink_to(path)
    ask = ["openssl", "x509", "-noout", "-hash", "-in", str(root)]
    name = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603  # fixed, but for our file
    (roots / f"{name}.0").symlink_to(root)
    bundle.write_bytes(b"\n".join(path.read_bytes() for path in roots.iterdir()))
    return roots, bundle
