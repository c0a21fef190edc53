"""Packages of the applications under test: installed by name into the user's cache folder, once for each lock file."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra.archive.cache import cache_folder
from rehearsal.file_lock import file_lock

_SECONDS = 300
_NPM = Path(sys.executable).with_name("npm")
_NPM_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
_PIP_OPTIONS = ("--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes")


class PackagesMissingError(Exception):
    """The packages of an application cannot be installed; the message says why."""


@contextmanager
def installed_copy(source: Path) -> Generator[Path]:
    """Yield a temporary copy of the application, in the folder that holds its packages."""
    packages = _install(source)
    with tempfile.TemporaryDirectory(dir=packages, prefix="copy-") as name:
        yield Path(shutil.copytree(source, name, dirs_exist_ok=True))


def _install(source: Path) -> Path:
    """Install what the application's lock file or hashed requirements name, unless it is there already."""
    files = [
        path for name in ("package.json", "package-lock.json", "requirements.txt") if (path := source / name).exists()
    ]
    version = f"{sys.version_info.major}.{sys.version_info.minor}".encode()
    digest = hashlib.sha256(b"".join([version, *(path.read_bytes() for path in files)])).hexdigest()[:16]
    target = cache_folder() / "applications" / f"{source.name}-{digest}"
    label = f"Waiting for another process that installs the packages of {source.name}"
    with file_lock(target, label=label):
        if not (target / "complete").exists():
            target.mkdir(parents=True, exist_ok=True)
            for path in files:
                shutil.copy(path, target)
            _run(_installer(target))
            (target / "complete").touch()
    return target


def _installer(target: Path) -> Sequence[str | Path]:
    if (target / "package.json").exists():
        return [_NPM, "ci", "--prefix", target, *_NPM_OPTIONS]
    packages, requirements = target / "packages", target / "requirements.txt"
    return [sys.executable, "-m", "pip", "install", *_PIP_OPTIONS, "--target", packages, "-r", requirements]


def _run(command: Sequence[str | Path]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # fixed arguments
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PackagesMissingError(f"The application's packages cannot be installed: {error}") from error
    if done.returncode:
        raise PackagesMissingError(f"The application's packages cannot be installed: {done.stderr[-1000:].strip()}")
