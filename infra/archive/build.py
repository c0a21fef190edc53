"""A package of this repository and its pinned wheels, packed for Cloud Run in reproducible bytes."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Generator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import deflate
import pulumi

LARGEST = 15_000_000
_LEVEL = 9
_LEFT_OUT = re.compile(
    r"(^|/)(\.|__pycache__/|bin/|Dockerfile$|requirements\.txt$)"  # of this repository, and commands that pip wrote
    r"|\.(pyx|pxd|pxi|pyi|pyc)$|/py\.typed$"  # for compilers and type checkers
    r"|\.dist-info/(?!METADATA$|licenses/)"  # what pip keeps for itself
)


class ArchiveError(pulumi.RunError):
    """An archive could not be built; the engine shows why, and no traceback."""


@dataclass(frozen=True)
class Platform:
    """What the wheels in an archive run on, in pip's platform tags; none means the machine that builds."""

    tags: tuple[str, ...] = ()

    @property
    def pip_options(self) -> list[str]:
        """The options of pip that select wheels for this platform and the running Python."""
        if not self.tags:
            return []
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        return ["--implementation=cp", f"--python-version={python}", *(f"--platform={tag}" for tag in self.tags)]


def build(package: str, platform: Platform, root: Path) -> bytes:
    """Pack ``package`` (dotted) from the sources and pins below ``root`` as a tar.gz, or raise ``ArchiveError``.

    The bytes depend on Python's minor version and on nothing else: not on the folder, umask, time zone, hash seed or
    the machine's zlib.
    """
    with TemporaryDirectory(prefix="tiktok-login-archive-") as folder:
        staging = Path(folder)
        _install(package, platform, requirements(root), staging)
        for source in sources(package, root):
            target = staging / source.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        _prune(staging)
        _compile(staging)
        content = _packed(staging)
    if len(content) > LARGEST:
        raise ArchiveError(f"The archive of {package} has {len(content)} bytes: the limit is {LARGEST}.")
    return content


def requirements(root: Path) -> Path:
    """Return the file of pins; the stand-in for TikTok needs none but the proxy's."""
    return root / "proxy_app" / "requirements.txt"


def sources(package: str, root: Path) -> list[Path]:
    """Return the files of ``package`` below ``root`` that are packed, and those that make its parents packages."""
    folder = root.joinpath(*package.split("."))
    parents = [parent / "__init__.py" for parent in folder.parents if parent.is_relative_to(root) and parent != root]
    return sorted(path for path in [*parents, *_files(folder)] if not _left_out(path, root))


def _files(folder: Path) -> Generator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _left_out(path: Path, root: Path) -> bool:
    return bool(_LEFT_OUT.search(path.relative_to(root).as_posix()))


def _install(package: str, platform: Platform, pins: Path, target: Path) -> None:
    """Put the pinned, hashed wheels into ``target``, by the pip of the Python that runs this."""
    fixed = ["--no-deps", "--no-compile", "--only-binary=:all:", "--require-hashes", "--no-input", "--quiet"]
    options = [*fixed, "--disable-pip-version-check", *platform.pip_options, f"--target={target}"]
    result = _python("-m", "pip", "install", *options, f"--requirement={pins}")
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["pip said nothing."])[-1]
        raise ArchiveError(f"The packages for the archive of {package} could not be fetched: {last}")


def _prune(staging: Path) -> None:
    for path in list(_files(staging)):
        if _left_out(path, staging):
            path.unlink()


def _compile(staging: Path) -> None:
    """Write .pyc files that are never compared with their sources, whose times an archive does not keep.

    One new process compiles all files, because the bytes depend on what the interpreter has loaded before.
    """
    options = ["--invalidation-mode=unchecked-hash", "-q", "-f", "-s", str(staging)]
    result = _python("-P", "-S", "-m", "compileall", *options, str(staging))
    if result.returncode:
        raise ArchiveError(f"The archive's modules could not be compiled: {result.stdout.strip()}")


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(  # noqa: S603  # the interpreter that runs this, with arguments of this file
        [sys.executable, *arguments],
        env=environment | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def _packed(staging: Path) -> bytes:
    content = BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(_files(staging), key=Path.as_posix):
            member = tarfile.TarInfo(path.relative_to(staging).as_posix())
            member.size, member.mode = path.stat().st_size, 0o644
            with path.open("rb") as file:
                tar.addfile(member, file)
    # The machine's zlib may be zlib or zlib-ng, which compress differently. libdeflate is part of the pinned wheel.
    return bytes(deflate.gzip_compress(content.getvalue(), _LEVEL))  # pyright: ignore[reportUnknownMemberType]  # its stub needs Python 3.12
