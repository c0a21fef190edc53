"""The archives: what is in them, that their bytes are the same everywhere, and that Cloud Run's command runs them."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import httpx2
import pytest

from emulators.kit.serving import free_port
from infra.archive import build as packing
from infra.archive.build import ArchiveError
from infra.archive.cache import LINUX_X86_64, THIS_MACHINE, Archive, archive
from tests.support.infra.declaring import ROOT

_NO_ZLIB = """
import zlib

def refuse(*_, **__):
    raise SystemExit("The machine's zlib compresses.")

zlib.compress = zlib.compressobj = refuse
"""
_BUILD = """
import sys, pathlib
from infra.archive.build import build
from infra.archive.cache import LINUX_X86_64
sys.stdout.buffer.write(build("proxy_app", LINUX_X86_64, pathlib.Path(sys.argv[1])))
"""


def _built_in(folder: Path, *, umask: int = 0o022, script: str = _BUILD, **environment: str) -> bytes:
    shutil.copytree(ROOT / "proxy_app", folder / "proxy_app", ignore=shutil.ignore_patterns("__pycache__"))
    result = subprocess.run(  # noqa: S603  # this interpreter, on a text of this file
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT,
        env={**os.environ, **environment},
        umask=umask,
        capture_output=True,
        check=True,
    )
    return result.stdout


def _names(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.getnames()


@pytest.fixture(scope="module")
def proxy() -> Archive:
    """Return the proxy's archive for this machine."""
    return archive("proxy_app", THIS_MACHINE)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Build the proxy's archive in another folder and environment, by a process whose zlib does not compress."""
    folder = tmp_path_factory.mktemp("elsewhere") / "other"
    return _built_in(folder, umask=0o077, script=_NO_ZLIB + _BUILD, TZ="Asia/Tokyo", PYTHONOPTIMIZE="2", LC_ALL="C")


def test_two_builds_are_the_same_to_the_byte(elsewhere: bytes) -> None:
    assert archive("proxy_app", LINUX_X86_64).path.read_bytes() == elsewhere
    assert len(elsewhere) < packing.LARGEST


def test_no_byte_comes_from_the_machines_zlib(tmp_path: Path, elsewhere: bytes) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        _built_in(tmp_path / "gzip", script=f"{_NO_ZLIB}import gzip; gzip.compress(b'')")
    with tarfile.open(fileobj=BytesIO(elsewhere), mode="r:gz") as tar:
        assert "proxy_app/__main__.py" in tar.getnames()


def test_members_are_sorted_and_say_nothing_of_who_packed_them(proxy: Archive) -> None:
    with tarfile.open(proxy.path) as tar:
        members = tar.getmembers()
    assert [member.name for member in members] == sorted(member.name for member in members)
    assert {(member.mtime, member.mode, member.uid, member.gid, member.uname) for member in members} == {
        (0, 0o644, 0, 0, "")
    }


def test_the_proxy_and_its_packages_are_packed_and_what_no_run_needs_is_not(proxy: Archive) -> None:
    names = _names(proxy.path)
    assert {"proxy_app/__main__.py", "starlette/__init__.py", "uvicorn/__init__.py"} <= set(names)
    assert not [name for name in names if name.startswith(("bin/", "infra/", "emulators/", "tests/", "pip/"))]
    assert not [name for name in names if name.endswith((".pyx", ".pyi", "RECORD", "Dockerfile", "requirements.txt"))]


def test_licences_go_where_the_packages_go(proxy: Archive) -> None:
    names = _names(proxy.path)
    packages = {name.split("/")[0] for name in names if ".dist-info/" in name}
    assert packages
    assert {name.split("/")[0] for name in names if "/licenses/" in name} == packages


def test_every_module_is_compiled_and_never_compared_with_its_source(proxy: Archive) -> None:
    names = set(_names(proxy.path))
    sources = {name for name in names if name.endswith(".py")}
    compiled = {re.sub(r"__pycache__/(.*)\.cpython-\d+\.pyc$", r"\1.py", name) for name in names - sources}
    assert sources <= compiled
    with tarfile.open(proxy.path) as tar:
        modules = [tar.extractfile(member) for member in tar if member.name.endswith(".pyc")]
        # PEP 552: bit 0 says that the file goes by hash, bit 1 that the hash is to be checked.
        assert {int.from_bytes(module.read(8)[4:], "little") for module in modules if module} == {0b01}


@contextmanager
def _running(folder: Path, module: str, **environment: str) -> Generator[str]:
    port = free_port()
    process = subprocess.Popen(  # noqa: S603  # this interpreter, on what was just packed
        [sys.executable, "-S", "-m", module], cwd=folder, env={"PORT": str(port), "HOST": "127.0.0.1", **environment}
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize(
    ("package", "environment", "path"),
    [
        ("proxy_app", {"TIKTOK_CLIENT_KEY": "aw123", "TIKTOK_CLIENT_SECRET_SHA256": "0" * 64}, "/health"),
        (
            "emulators.tiktok",
            {
                "TIKTOK_APP_KEY": "aw123",
                "TIKTOK_APP_SECRET": "a-secret",
                "TIKTOK_APP_REDIRECT_URIS": "https://example.eu.auth0.com/login/callback",
            },
            "/",
        ),
    ],
)
def test_what_is_packed_runs_by_itself(package: str, environment: dict[str, str], path: str, tmp_path: Path) -> None:
    with tarfile.open(archive(package, THIS_MACHINE).path) as tar:
        tar.extractall(tmp_path, filter="data")
    with (
        _running(tmp_path, package, **environment) as origin,
        httpx2.Client(transport=httpx2.HTTPTransport(retries=8)) as client,
    ):
        assert client.get(f"{origin}{path}").status_code == 200


def test_the_stand_in_is_packed_with_the_packages_above_it() -> None:
    names = _names(archive("emulators.tiktok", THIS_MACHINE).path)
    assert {name for name in names if name.startswith("emulators/") and name.count("/") == 1} == {
        "emulators/__init__.py"
    }
    assert "emulators/tiktok/__main__.py" in names


def test_the_wheels_are_those_of_the_platform() -> None:
    names = _names(archive("proxy_app", LINUX_X86_64).path)
    assert {name.rpartition("-cpython-")[2] or name for name in names if name.endswith(".so")} == {
        name.rpartition("-cpython-")[2] or name for name in names if name.endswith("x86_64-linux-gnu.so")
    }


def test_packages_that_cannot_be_fetched_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "proxy_app").mkdir()
    (tmp_path / "proxy_app" / "requirements.txt").write_text("starlette==1.10.0\n")
    with pytest.raises(ArchiveError, match=r"^The packages for the archive of proxy_app could not be fetched: .*hash"):
        packing.build("proxy_app", LINUX_X86_64, tmp_path)


_BACKEND = """
from pathlib import Path
Path(MARK).touch()
"""


def _source_distribution(folder: Path, mark: Path) -> Path:
    """Write a source distribution whose build leaves ``mark``."""
    files = {
        "PKG-INFO": "Metadata-Version: 2.1\nName: madeup\nVersion: 1.0\n",
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": _BACKEND.replace("MARK", repr(str(mark))),
    }
    path = folder / "madeup-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"madeup-1.0/{name}")
            member.size = len(text)
            tar.addfile(member, BytesIO(text.encode()))
    return path


def test_no_package_is_built_from_its_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mark = tmp_path / "built"
    source = _source_distribution(tmp_path, mark)
    (tmp_path / "proxy_app").mkdir()
    digest = sha256(source.read_bytes()).hexdigest()
    (tmp_path / "proxy_app" / "requirements.txt").write_text(f"madeup==1.0 --hash=sha256:{digest}\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(ArchiveError):
        packing.build("proxy_app", THIS_MACHINE, tmp_path)
    assert not mark.exists()


def test_an_archive_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "proxy_app").mkdir()
    (tmp_path / "proxy_app" / "requirements.txt").touch()
    (tmp_path / "proxy_app" / "__init__.py").touch()
    monkeypatch.setattr(packing, "LARGEST", 10)
    with pytest.raises(ArchiveError, match=r"^The archive of proxy_app has \d+ bytes: the limit is 10\.$"):
        packing.build("proxy_app", LINUX_X86_64, tmp_path)
