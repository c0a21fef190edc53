"""The user's cache of archives: each is built once, again when anything that decides its bytes changes, and whole."""

import errno
from pathlib import Path

import pytest

from infra.archive import build as packing
from infra.archive.build import Platform
from infra.archive.cache import LINUX_X86_64, THIS_MACHINE, archive


@pytest.fixture(name="built", autouse=True)
def builds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Platform]:
    """Return the platform of each build; a small folder is the repository."""
    built: list[Platform] = []

    def build(_package: str, platform: Platform, _root: Path) -> bytes:
        built.append(platform)
        return b"packed"

    for name in ("proxy_app/__init__.py", "proxy_app/requirements.txt", "build.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("# one")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("infra.archive.cache._ROOT", tmp_path)
    monkeypatch.setattr(packing, "__file__", str(tmp_path / "build.py"))
    monkeypatch.setattr(packing, "build", build)
    return built


def test_an_archive_is_built_once_for_each_platform(built: list[Platform], tmp_path: Path) -> None:
    first, second = archive("proxy_app", LINUX_X86_64), archive("proxy_app", LINUX_X86_64)
    assert first == second
    assert first.path.parent == tmp_path / "cache" / "tiktok-login" / "archives"
    archive("proxy_app", THIS_MACHINE)
    assert built == [LINUX_X86_64, THIS_MACHINE]


@pytest.mark.parametrize("changed", ["proxy_app/__init__.py", "proxy_app/requirements.txt", "build.py"])
def test_an_archive_is_built_again_after_a_change_of_a_file(
    built: list[Platform], tmp_path: Path, changed: str
) -> None:
    archive("proxy_app", LINUX_X86_64)
    (tmp_path / changed).write_text("# two")
    archive("proxy_app", LINUX_X86_64)
    assert len(built) == 2


def test_an_archive_is_built_again_by_another_python_or_compressor(
    built: list[Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive("proxy_app", LINUX_X86_64)
    monkeypatch.setattr("sys.version", "another Python")
    archive("proxy_app", LINUX_X86_64)
    monkeypatch.setattr("infra.archive.cache.version", str.upper)
    archive("proxy_app", LINUX_X86_64)
    assert len(built) == 3


def test_an_archive_that_was_not_written_to_its_end_is_built_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def write_half(path: Path, content: bytes) -> None:
        with path.open("wb") as file:
            file.write(content[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", write_half)
        with pytest.raises(OSError, match="No space left"):
            archive("proxy_app", LINUX_X86_64)
    assert archive("proxy_app", LINUX_X86_64).path.read_bytes() == b"packed"
