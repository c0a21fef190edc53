"""The folder and the processes of all instances."""

import hashlib
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from emulators.google_cloud.run.container import Container
from emulators.google_cloud.run.instance import Instance
from emulators.google_cloud.run.reaper import start_reaper

_REAPER_SECONDS = 60  # each archive has some thousand files


class MachineClosedError(Exception):
    """The emulated Google Cloud is not inside its ``with`` block, so nothing can be started."""

    def __init__(self) -> None:
        super().__init__("Services run only inside `with GoogleCloud(...) as cloud:`.")


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """A line that an instance wrote to standard output or standard error."""

    service: str
    revision: str
    line: str


@dataclass
class Machine:
    """Runs instances between ``open`` and ``close``, and keeps the lines that they write in ``logs``."""

    instances: list[Instance] = field(default_factory=list[Instance])
    logs: list[LogLine] = field(default_factory=list[LogLine])
    freeze_between_requests: bool = False
    """Whether instances with ``cpuIdle`` are frozen between requests, as with request-based billing."""

    _folder: Path | None = None
    _reaper: subprocess.Popen[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _sources: dict[bytes, Path] = field(default_factory=dict[bytes, Path], repr=False)
    _unpacking: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def open(self) -> None:
        """Make a temporary folder, and start the process that outlives a killed emulator."""
        self._folder = Path(tempfile.mkdtemp(prefix="google-cloud-"))
        self._sources.clear()
        self._reaper = start_reaper(self._folder)

    def unpacked(self, archive: bytes, unpack: Callable[[bytes, Path], None]) -> Path:
        """Return the read-only folder into which ``unpack`` puts an archive; the same archive is unpacked once.

        Raises ``MachineClosedError``, and what ``unpack`` raises.
        """
        digest = hashlib.sha256(archive).digest()
        with self._unpacking:
            if self._folder is None:
                raise MachineClosedError
            if digest not in self._sources:
                folder = Path(tempfile.mkdtemp(prefix="source-", dir=self._folder))
                unpack(archive, folder)
                self._sources[digest] = folder
            return self._sources[digest]

    def launch(self, container: Container, source: Path, keep_line: Callable[[str], None]) -> Instance:
        """Start an instance; an ``OSError`` if the command cannot be run, ``MachineClosedError`` after the end."""
        with self._lock:
            if self._folder is None:
                raise MachineClosedError
            instance = Instance(
                container,
                source,
                keep_line=keep_line,
                ended=self._forget,
                freezes=lambda: self.freeze_between_requests and container.cpu_idle,
            )
            self.instances.append(instance)
            self._tell_reaper(f"+{instance.group}")
        instance.keep_lines()
        return instance

    def close(self) -> None:
        """Stop all instances and remove the folder; nothing can be started afterwards."""
        with self._lock:
            self._folder = None
        for instance in list(self.instances):
            instance.stop()
        if self._reaper is not None and self._reaper.stdin is not None:
            self._reaper.stdin.close()
            self._reaper.wait(_REAPER_SECONDS)
            self._reaper = None

    def _forget(self, instance: Instance) -> None:
        with self._lock:
            self.instances.remove(instance)
            self._tell_reaper(f"-{instance.group}")

    def _tell_reaper(self, line: str) -> None:
        if self._reaper is not None and self._reaper.stdin is not None:
            self._reaper.stdin.write(f"{line}\n")
            self._reaper.stdin.flush()
