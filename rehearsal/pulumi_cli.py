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

from infra.cache import cache_folder
from rehearsal import go, progress
from rehearsal.file_lock import file_lock

VERSION = VersionInfo(3, 259, 0)
_PROBE_SECONDS = 5
_DOWNLOAD_SECONDS = 300


class PulumiMissingError(Exception):
    """The Pulumi CLI can be had in none of three ways; the message says which were tried, and what to install."""


def _usable(root: Path | None) -> PulumiCommand | None:
    try:
        return PulumiCommand(root and str(root), VERSION)
    except (OSError, subprocess.CalledProcessError, InvalidVersionError, ValueError):
        return None


def _download(root: Path) -> None:
    """Download the CLI by the installer of its maker, into ``root``; where that cannot be reached, fail at once."""
    try:
        with urllib.request.urlopen("https://get.pulumi.com/install.sh", timeout=_PROBE_SECONDS):
            pass
    except OSError as error:
        raise progress.CommandFailedError(str(getattr(error, "reason", error))) from error
    command = [sys.executable, "-m", "rehearsal.pulumi_download", root, str(VERSION)]
    label = f"Downloading the Pulumi CLI {VERSION}"
    progress.run(command, label=label, seconds=_DOWNLOAD_SECONDS, cwd=Path(__file__).parents[1])


def _build(root: Path) -> None:
    go.build_pulumi(root / "bin" / "pulumi", VERSION)


def _get(root: Path) -> PulumiCommand:
    reasons: list[str] = []
    for way in (_download, _build):
        with tempfile.TemporaryDirectory(prefix="partial-", dir=root.parent) as partial:
            made = Path(partial) / "cli"
            try:
                way(made)
            except progress.CommandFailedError as failure:
                reasons.append(str(failure).strip(". "))
                continue
            shutil.rmtree(root, ignore_errors=True)
            made.rename(root)
        if command := _usable(root):
            return command
        reasons.append("what came of it does not run on this machine")
    raise PulumiMissingError(
        f"There is no Pulumi CLI: PATH has none from {VERSION} on, it could not be downloaded from get.pulumi.com"
        f" ({reasons[0]}), and it could not be built from its Go module ({reasons[1]}). Install Pulumi"
        " (https://www.pulumi.com/docs/install/) or Go (https://go.dev/dl/), and try again."
    )


def pulumi_cli() -> PulumiCommand:
    """Return the Pulumi CLI, ``VERSION`` or newer: from PATH or the cache folder, else gotten into that folder.

    Getting it happens once and takes minutes (progress is on stderr); of two processes the second waits for the first.
    ``PulumiMissingError`` is raised when there is none and none can be had.
    """
    root = cache_folder() / "pulumi" / str(VERSION)
    if command := _usable(None) or _usable(root):
        return command
    with file_lock(root.parent):
        return _usable(root) or _get(root)
