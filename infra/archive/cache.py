"""The archives that Cloud Run runs, built once and then taken from the user's cache folder.

``python -m infra.archive.cache [PACKAGE ...]`` prints what is in them, and their sizes.
"""

import hashlib
import os
import sys
import sysconfig
import tarfile
import tomllib
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from infra.archive import build as packing
from infra.archive.build import Platform

LINUX_X86_64 = Platform(("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"))
THIS_MACHINE = Platform()
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Archive:
    """A tar.gz on this machine, and the first digits of its SHA-256, which name it in a bucket."""

    path: Path
    digest: str

    @property
    def name(self) -> str:
        """What its object is called."""
        return f"source-{self.digest}.tar.gz"

    @property
    def version(self) -> str:
        """What runs where this archive does: the project's version, which pyproject.toml holds, and the digest."""
        return f"{project_version()}-{self.digest}"

    def sizes(self) -> Counter[str]:
        """Return the bytes of each top-level folder or file, unpacked."""
        sizes = Counter[str]()
        with tarfile.open(self.path) as tar:
            for member in tar:
                sizes[member.name.split("/")[0]] += member.size
        return sizes


def project_version() -> str:
    return tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def cache_folder() -> Path:
    """Return the user's folder for what takes long to make; it survives ``git clean`` and need not exist."""
    usual = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or usual) / "tiktok-login"


def archive(package: str, platform: Platform) -> Archive:
    """Return the archive of ``package`` (dotted) from the cache, or build it, or raise ``ArchiveError``."""
    kept = cache_folder() / "archives" / f"{package}-{_inputs_digest(package, platform)}.tar.gz"
    if not kept.exists():
        _keep(packing.build(package, platform, _ROOT), kept)
    return Archive(kept, hashlib.sha256(kept.read_bytes()).hexdigest()[:12])


def _inputs_digest(package: str, platform: Platform) -> str:
    """Name everything that decides an archive's bytes: sources, pins, packing, Python, compressor and platform."""
    machine = (platform, sysconfig.get_platform(), sys.version, version("deflate"))
    digest = hashlib.sha256(repr(machine).encode())
    for path in [*packing.sources(package, _ROOT), packing.requirements(_ROOT), Path(packing.__file__)]:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(_ROOT).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:32]


def _keep(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _print(package: str) -> None:
    packed = archive(package, LINUX_X86_64)
    for name, size in packed.sizes().most_common():
        print(f"{size / 1e6:9.3f} MB  {name}")  # noqa: T201  # this is the command's output
    print(f"{packed.path.stat().st_size / 1e6:9.3f} MB  {packed.name} (packed) in {packed.path}")  # noqa: T201  # the same


if __name__ == "__main__":
    for each in sys.argv[1:] or ["proxy_app"]:
        _print(each)
