"""Pulumi's command-line interface (CLI): found on PATH, else downloaded, else built, and kept in the cache folder."""

import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from pulumi.automation import PulumiCommand
from pulumi.automation.errors import InvalidVersionError
from semver import VersionInfo

from infra.archive.cache import cache_folder
from rehearsal import progress
from rehearsal.file_lock import file_lock
from rehearsal.go import build_pulumi

VERSION = VersionInfo(3, 274, 1)
_OLDEST = VersionInfo(3, 259, 0)  # that the tests ran with
_PROBE_SECONDS = 5
_DOWNLOAD_SECONDS = 300


class PulumiMissingError(Exception):
    """There is no Pulumi CLI, and it can be neither downloaded nor built."""


def pulumi_cli() -> PulumiCommand:
    """Return the Pulumi CLI on PATH if it is new enough, else ``VERSION`` from the cache folder, where it is installed.

    The installation happens once and takes minutes, with progress on stderr; a second process waits for the first.
    Raise ``PulumiMissingError`` if every way fails.
    """
    root = cache_folder() / "pulumi" / str(VERSION)
    if command := _usable(None, _OLDEST) or _usable(root):
        return command
    with file_lock(root.parent, label=f"Waiting for another process that installs the Pulumi CLI {VERSION}"):
        return _usable(root) or _install(root)


def _usable(root: Path | None, oldest: VersionInfo = VERSION) -> PulumiCommand | None:
    try:
        return PulumiCommand(root and str(root), oldest)
    except (OSError, subprocess.CalledProcessError, InvalidVersionError, ValueError):
        return None


def _install(root: Path) -> PulumiCommand:
    reasons: list[str] = []
    for install in (_download, _build):
        with tempfile.TemporaryDirectory(prefix="partial-", dir=root.parent) as partial:
            made = Path(partial) / "cli"
            try:
                install(made)
            except progress.CommandFailedError as failure:
                reasons.append(str(failure).strip(". "))
                continue
            shutil.rmtree(root, ignore_errors=True)
            made.rename(root)
        if command := _usable(root):
            return command
        reasons.append("the result does not run on this machine")
    raise PulumiMissingError(
        f"There is no Pulumi CLI: PATH has none from {_OLDEST} on, it could not be downloaded from get.pulumi.com"
        f" ({reasons[0]}), and it could not be built from its Go module ({reasons[1]}). Install Pulumi"
        " (https://www.pulumi.com/docs/install/) or Go (https://go.dev/dl/), and try again."
    )


def _download(root: Path) -> None:
    """Download the CLI into ``root`` with Pulumi's installer; fail at once if that cannot be reached."""
    try:
        with urllib.request.urlopen("https://get.pulumi.com/install.sh", timeout=_PROBE_SECONDS):
            pass
    except OSError as error:
        raise progress.CommandFailedError(str(getattr(error, "reason", error))) from error
    # A separate process can be killed at the time limit.
    command = [sys.executable, "-m", "rehearsal.pulumi_cli", root, str(VERSION)]
    label = f"Downloading the Pulumi CLI {VERSION}"
    progress.run(command, label=label, seconds=_DOWNLOAD_SECONDS, cwd=Path(__file__).parents[1])


def _build(root: Path) -> None:
    build_pulumi(root / "bin" / "pulumi", VERSION)


if __name__ == "__main__":
    PulumiCommand.install(sys.argv[1], VersionInfo.parse(sys.argv[2]))
