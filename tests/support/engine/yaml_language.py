"""Pulumi's host for YAML programs, built from the Go module in tools/pulumi-yaml and kept in the user's cache."""

import os
import shutil
from pathlib import Path

from infra.archive.cache import cache_folder
from rehearsal import progress
from rehearsal.file_lock import file_lock
from tests.support.infra.declaring import ROOT

_MODULE = ROOT / "tools" / "pulumi-yaml"
_VERSION = "1.25.0"
_BUILD_SECONDS = 1800


def yaml_language_folder() -> Path:
    """Return the folder that has ``pulumi-language-yaml``; the first call builds it, which takes minutes.

    Raise ``CommandFailedError`` if there is no Go or the build fails.
    """
    folder = cache_folder() / "pulumi-language-yaml"
    command = folder / _VERSION / "pulumi-language-yaml"
    with file_lock(folder, label="Waiting for another process that builds Pulumi's YAML language host"):
        if not command.exists():
            _build(command, folder / f"partial-{_VERSION}")
    return command.parent


def _build(command: Path, partial: Path) -> None:
    go = shutil.which("go")
    if not go:
        raise progress.CommandFailedError("Go is not on PATH")
    made = partial / command.name
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local"}
    package = "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
    options = ["-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", made]
    label = "Building Pulumi's YAML language host, once (some minutes)"
    progress.run([go, "build", *options, package], label=label, seconds=_BUILD_SECONDS, cwd=_MODULE, env=environment)
    command.parent.mkdir(parents=True, exist_ok=True)
    made.rename(command)
    partial.rmdir()
