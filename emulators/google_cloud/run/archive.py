"""The source archive of a revision: found, checked, and unpacked read-only."""

import io
import tarfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.google_cloud.errors import JsonObject, NotFound

if TYPE_CHECKING:
    from emulators.google_cloud.state import GoogleCloud

_LIMIT_MIB = 250


class ArchiveRefused(Exception):
    """The archive is missing, too big, or nothing that can be unpacked safely."""


def _read_only(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
    checked = tarfile.data_filter(member, path)
    mode = 0o555 if member.isdir() or member.mode & 0o100 else 0o444
    return checked.replace(mode=mode, deep=False)


def _fetch(cloud: "GoogleCloud", source: JsonObject) -> bytes:
    address = f"gs://{source['bucket']}/{source['object']}#{source.get('generation', '')}"
    try:
        stored = cloud.buckets[source["bucket"]].version(source["object"], source.get("generation"))
    except (KeyError, NotFound) as error:
        raise ArchiveRefused(f"Source archive '{address}' not found.") from error
    if len(stored.content) > _LIMIT_MIB * 1024 * 1024:
        raise ArchiveRefused(f"Source archive '{address}' is larger than {_LIMIT_MIB} MiB.")
    return stored.content


def unpack(cloud: "GoogleCloud", source: JsonObject, folder: Path) -> None:
    """Unpack the tar.gz that a ``cloudStorageSource`` names into ``folder``; ``ArchiveRefused`` says why not."""
    content = _fetch(cloud, source)
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            archive.extractall(folder, filter=_read_only)  # noqa: S202  # the filter is built on tarfile's own
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ArchiveRefused(f"Source archive '{source['object']}' cannot be unpacked as tar.gz: {error}") from error
    folder.chmod(0o555)
