"""The machine under the services: a folder, the processes that run, and the promise that all of it ends."""

import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from emulators.google_cloud.run.container import Container
from emulators.google_cloud.run.instance import Instance
from emulators.google_cloud.run.reaper import start_reaper

_REAPER_SECONDS = 60  # a folder of some thousand files for each revision


class MachineClosed(Exception):
    """Nothing can be started: the emulated Google Cloud is not inside its ``with`` block."""

    def __init__(self) -> None:
        """Say how services are run."""
        super().__init__("Services run only inside `with GoogleCloud(...) as cloud:`.")


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """A line that an instance wrote to standard output or standard error."""

    service: str
    revision: str
    line: str


@dataclass
class Machine:
    """Where instances run; outside ``open`` and ``close`` it starts nothing."""

    instances: list[Instance] = field(default_factory=list[Instance])
    _folder: Path | None = None
    _reaper: subprocess.Popen[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def open(self) -> None:
        """Make a temporary folder, and start the process that outlives a killed emulator."""
        self._folder = Path(tempfile.mkdtemp(prefix="google-cloud-"))
        self._reaper = start_reaper(self._folder)

    def folder(self, name: str) -> Path:
        """Make and return a new folder whose name begins so; ``MachineClosed`` where that cannot be.

        A service that was deleted and is created again has revisions of the same names.
        """
        if self._folder is None:
            raise MachineClosed
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._folder))

    def launch(
        self, container: Container, source: Path, names: dict[str, str], keep: Callable[[str], None]
    ) -> Instance:
        """Start an instance; an ``OSError`` where the command cannot be run, ``MachineClosed`` after the end."""
        with self._lock:
            if self._folder is None:
                raise MachineClosed
            instance = Instance(container, source, names, keep=keep, ended=self._forget)
            self.instances.append(instance)
            self._tell(f"+{instance.group}")
        instance.watch()
        return instance

    def close(self) -> None:
        """Stop all instances and remove the folder; nothing starts any more."""
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
            self._tell(f"-{instance.group}")

    def _tell(self, line: str) -> None:
        if self._reaper is not None and self._reaper.stdin is not None:
            self._reaper.stdin.write(f"{line}\n")
            self._reaper.stdin.flush()
