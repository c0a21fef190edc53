"""The recordings, with addresses and archives of this machine in the places of the ones they were made with."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

RECORDINGS = Path(__file__).parents[2] / "recordings"
Line = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One command of the CLI: what the engine called, and what the plugins sent and were answered."""

    name: str
    calls: list[Line]
    exchanges: list[Line]


@dataclass(frozen=True, kw_only=True)
class Archive:
    """An archive that was uploaded: what the recording knows of it, and made-up bytes of the same length."""

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


def scenarios() -> list[str]:
    """Name every recorded scenario."""
    paths = [*RECORDINGS.glob("*.grpc.jsonl"), *RECORDINGS.glob("earlier/*.grpc.jsonl")]
    return sorted(str(path.relative_to(RECORDINGS)).removesuffix(".grpc.jsonl") for path in paths)


def scenario(name: str, places: dict[str, str]) -> Scenario:
    """Read a scenario, with ``places`` for its placeholders."""
    calls = _lines(RECORDINGS / f"{name}.grpc.jsonl", places)
    exchanges = _lines(RECORDINGS / f"{name}.http.jsonl", places)
    return Scenario(
        name=name, calls=[call for call in calls if call["method"].startswith("provider.")], exchanges=exchanges
    )


@cache
def archives() -> tuple[Archive, ...]:
    """Find every archive that some scenario uploads."""
    found: dict[str, Archive] = {}
    for path in sorted(RECORDINGS.glob("**/*.http.jsonl")):
        for exchange in map(json.loads, path.read_text().splitlines()):
            body = exchange["response_body"]
            if "/upload/" in exchange["path"] and body:
                found[body["md5Hash"]] = _archive(body)
    return tuple(found.values())


def _archive(stored: Line) -> Archive:
    """Make up an archive as long as a stored one; Pulumi knows it by a SHA-256 that its calls tell."""
    size = int(stored["size"])
    content = (stored["md5Hash"].encode() * (size // 24 + 1))[:size]
    return Archive(name=stored["name"], sha256=_sha256(stored["name"]), md5=stored["md5Hash"], content=content)


@cache
def _sha256(name: str) -> str:
    """Find what the engine called the archive's hash, beside its path."""
    for path in sorted(RECORDINGS.glob("**/*.grpc.jsonl")):
        if found := re.search(rf'"hash": "(\w+)", "path": "@ARCHIVE@/{re.escape(name)}"', path.read_text()):
            return found[1]
    raise LookupError(name)


@cache
def _checksums() -> dict[str, str]:
    return {recorded: ours for archive in archives() for recorded, ours in archive.checksums().items()}


def _lines(path: Path, places: dict[str, str]) -> list[Line]:
    text = path.read_text() if path.exists() else ""
    for recorded, ours in {**_checksums(), **places}.items():
        text = text.replace(recorded, ours)
    return [json.loads(line) for line in text.splitlines()]
