"""A proxy whose source has changed, packed as the project packs it."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from infra import cloud_run_service as cloud_run
from infra.archive.build import Platform
from infra.archive.cache import Archive
from infra.archive.cache import archive as packed
from tests.support.engine.driving import Driver


@contextmanager
def changed_source(driver: Driver, folder: Path, note: str) -> Generator[None]:
    """Pack one more file of the proxy's, which holds ``note``, and deploy the true source again afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloud_run, "archive", partial(_with_note, folder, note))
        yield
    driver.up()


def _with_note(folder: Path, note: str, package: str, platform: Platform) -> Archive:
    path = folder / f"{note}.tar.gz"
    if not path.exists():
        path.write_bytes(_noted(packed(package, platform).path, f"{package}/NOTE", note))
    return Archive(path, hashlib.sha256(path.read_bytes()).hexdigest()[:12])


def _noted(path: Path, name: str, note: str) -> bytes:
    content = io.BytesIO(gzip.decompress(path.read_bytes()))
    with tarfile.open(fileobj=content, mode="a") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(note)
        tar.addfile(member, io.BytesIO(note.encode()))
    return gzip.compress(content.getvalue(), compresslevel=1, mtime=0)
