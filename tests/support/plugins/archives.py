"""Made-up archives in the place of the recorded ones, whose bytes were not kept."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.support.recordings import load_scenario, read_lines


@dataclass(frozen=True, kw_only=True)
class Archive:
    """An uploaded archive: its recorded checksums, and made-up bytes of the same length."""

    name: str
    sha256: str
    md5: str
    content: bytes

    def checksums(self) -> dict[str, str]:
        """Return each checksum of the recorded archive with that of the made-up one."""
        md5 = hashlib.md5(self.content, usedforsecurity=False).digest()
        return {
            self.sha256: hashlib.sha256(self.content).hexdigest(),
            self.md5: base64.b64encode(md5).decode(),
            base64.b64decode(self.md5).hex(): md5.hex(),
        }


@cache
def find_archives() -> tuple[Archive, ...]:
    """Return every archive that some scenario uploads."""
    uploads = (
        exchange["response_body"]
        for name in read_lines()
        for exchange in load_scenario(name).exchanges
        if "/upload/" in exchange["path"]
    )
    return tuple({stored["md5Hash"]: _make_up(stored) for stored in uploads}.values())


def _make_up(stored: dict[str, Any]) -> Archive:
    size = int(stored["size"])
    content = (stored["md5Hash"].encode() * (size // 24 + 1))[:size]
    return Archive(name=stored["name"], sha256=_find_sha256(stored["name"]), md5=stored["md5Hash"], content=content)


def _find_sha256(name: str) -> str:
    """Return the archive's SHA-256, which the engine's calls hold beside its path."""
    pattern = re.compile(rf'"hash":"(\w+)","path":"@ARCHIVE@/{re.escape(name)}"')
    return next(found[1] for line in read_lines().values() if (found := pattern.search(line)))


@cache
def replace_checksums() -> dict[str, str]:
    """Return what to replace in a recording: each recorded checksum by the made-up archive's."""
    return {recorded: ours for archive in find_archives() for recorded, ours in archive.checksums().items()}
