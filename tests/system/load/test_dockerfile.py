"""The image for the setting ``image``: the steps of its Dockerfile run in a folder, because Docker may be missing."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import yaml

from infra.archive import build as packing
from tests.support.proxy.running_proxy import environment

_ROOT = Path(__file__).parents[3]
_CONTEXT = _ROOT / "proxy_app"
_SECONDS = 100
_STDLIB = """"$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" """


def instructions() -> list[tuple[str, str]]:
    """Return what the Dockerfile says, by instruction."""
    text = re.sub(r"^#.*\n", "", (_CONTEXT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", "")
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in text.splitlines())]


def said(name: str) -> str:
    [found] = [rest for instruction, rest in instructions() if instruction == name]
    return found


@pytest.fixture(name="folder")
def working_folder(tmp_path: Path) -> Path:
    """Return the image's working folder, with what is copied there."""
    *patterns, target = said("COPY").split()
    (tmp_path / target).mkdir()
    for path in [path for pattern in patterns for path in _CONTEXT.glob(pattern)]:
        shutil.copy(path, tmp_path / target)
    return tmp_path


def test_the_image_holds_what_the_archive_holds_of_the_proxy(folder: Path) -> None:
    archived = [path.relative_to(_ROOT).as_posix() for path in packing.sources("proxy_app", _ROOT)]
    copied = [path.relative_to(folder).as_posix() for path in folder.rglob("*.py")]
    assert sorted(copied) == sorted(archived)


def test_its_python_is_that_of_the_archives() -> None:
    runtime = yaml.safe_load((_ROOT / "Pulumi.prod.yaml").read_text())["config"]["runtime"]
    assert re.sub(r"python:3\.(\d+)-slim", r"python3\1", said("FROM")) == runtime


def test_it_does_not_run_as_root() -> None:
    assert [name for name, _ in instructions()][-2:] == ["USER", "CMD"]
    assert said("USER") == "nobody"


def test_its_steps_install_compile_and_serve_the_proxy(folder: Path) -> None:
    install, compiling = said("RUN").split(" && ")
    packages = folder / "packages"
    pip = [sys.executable, "-m", *shlex.split(install), "--disable-pip-version-check", f"--target={packages}"]
    # The standard library of this machine is not the image's.
    compileall = [sys.executable, *shlex.split(compiling.replace(_STDLIB, ""))[1:]]
    for command in (pip, compileall):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603  # the Dockerfile's
        assert done.returncode == 0, done.stdout + done.stderr
    assert list((folder / "proxy_app" / "__pycache__").glob("app.*.pyc"))

    assert health(folder, packages) == 200


def health(folder: Path, packages: Path) -> int:
    """Start the image's command without this environment's packages, and return what /health answers."""
    python, *arguments = json.loads(said("CMD"))
    assert python == "python"
    variable, _, value = said("ENV").partition("=")
    alone = {**environment(), variable: value, "PYTHONPATH": os.pathsep.join([str(folder), str(packages)])}
    with subprocess.Popen(  # noqa: S603  # the Dockerfile's
        [sys.executable, "-S", *arguments], cwd=folder, env=alone, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            origin = json.loads(process.stdout.readline())["address"]
            assert origin.startswith("http://0.0.0.0:"), "Nobody outside the container reaches another address."
            return httpx2.get(f"{origin}/health").status_code
        finally:
            process.terminate()
