"""A revision: one archive, one container, and the instances that serve it."""

import io
import itertools
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from emulators.google_cloud.assumptions import Assumptions
from emulators.google_cloud.run.base_images import THIS_PYTHON
from emulators.google_cloud.run.container import Container, Probe
from emulators.google_cloud.run.instance import Instance
from emulators.google_cloud.run.machine import LogLine, Machine, MachineClosedError
from emulators.google_cloud.wire import JsonObject

ObjectFetcher = Callable[[str, str, str | None], bytes]
"""Returns the content of an object (bucket, name, generation), or raises ``LookupError``."""

_ARCHIVE_MIB = 250
_DRAIN_SECONDS = 10
_TCP = Probe(path=None, headers={}, delay=0, period=1, timeout=1, threshold=1)


class RevisionFailedError(Exception):
    """A revision cannot serve; the message is in Cloud Run's words."""


@dataclass(kw_only=True)
class Revision:
    """One deployment of a service; ``failure`` is the reason if it never served."""

    machine: Machine
    fetch: ObjectFetcher
    assumptions: Assumptions
    service: str
    name: str
    template: JsonObject
    failure: str | None = None
    instances: list[Instance] = field(default_factory=list[Instance])
    _folder: Path | None = None
    _turns: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def start(self) -> None:
        """Start one more instance and wait until it is ready, or raise ``RevisionFailedError``."""
        try:
            self.instances.append(self._ready_instance())
        except (MachineClosedError, RevisionFailedError) as error:
            raise RevisionFailedError(
                f"Revision '{self.name}' is not ready and cannot serve traffic. {error}"
            ) from error

    def take(self) -> Instance:
        """Return the next running instance in turn; start one if there is none."""
        self._forget_dead()
        if not self.instances:
            self.start()
        return self.instances[next(self._turns) % len(self.instances)]

    def scale(self, instances: int) -> None:
        """Run that many instances."""
        self._forget_dead()
        while len(self.instances) < instances:
            self.start()
        for instance in self.instances[instances:]:
            instance.drain(_DRAIN_SECONDS)
            instance.stop()
        del self.instances[instances:]

    def _forget_dead(self) -> None:
        self.instances = [instance for instance in self.instances if instance.alive]

    def _ready_instance(self) -> Instance:
        if self._folder is None:
            self._folder = self._unpack_source()
        elif self.assumptions.cold_start_needs_archive:
            self._fetch_archive()
        names = {"K_SERVICE": self.service, "K_REVISION": self.name, "K_CONFIGURATION": self.service}
        container = Container.from_template(self.template, names)
        try:
            instance = self.machine.launch(container, self._folder, self._keep_line)
        except OSError as error:
            raise RevisionFailedError(f"The command {container.command} cannot be run: {error.strerror}.") from error
        with instance.awake():
            if instance.await_start():
                return instance
            reason = _explain_failed_start(container, instance)
        instance.stop()
        raise RevisionFailedError("\n".join([reason, *instance.last_lines]))

    def _keep_line(self, line: str) -> None:
        self.machine.logs.append(LogLine(service=self.service, revision=self.name, line=line))

    def _unpack_source(self) -> Path:
        container = self.template["containers"][0]
        if container["image"] != "scratch" or "sourceCode" not in container:
            raise RevisionFailedError(
                f"Image '{container['image']}' cannot run here: this emulator runs source archives (image 'scratch' "
                "with sourceCode), no container images."
            )
        if not container.get("command"):
            raise RevisionFailedError("The container has no command, and an archive brings none.")
        runtime = container.get("baseImageUri", "").rpartition("/")[2]
        if runtime != THIS_PYTHON:
            raise RevisionFailedError(
                f"The archive cannot run on base image '{container.get('baseImageUri', '')}': this emulator has "
                f"{THIS_PYTHON} only, for which it is built."
            )
        return self.machine.unpacked(self._fetch_archive(), _unpack)

    def _fetch_archive(self) -> bytes:
        source = self.template["containers"][0]["sourceCode"]["cloudStorageSource"]
        address = f"gs://{source['bucket']}/{source['object']}#{source.get('generation', '')}"
        try:
            content = self.fetch(source["bucket"], source["object"], source.get("generation"))
        except LookupError as error:
            raise RevisionFailedError(f"Source archive '{address}' not found.") from error
        if len(content) > _ARCHIVE_MIB * 1024 * 1024:
            raise RevisionFailedError(f"Source archive '{address}' is larger than {_ARCHIVE_MIB} MiB.")
        return content


def _unpack(content: bytes, folder: Path) -> None:
    """Unpack a tar.gz read-only into ``folder``, or raise ``RevisionFailedError``."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            archive.extractall(folder, filter=_make_read_only)  # noqa: S202  # the filter calls tarfile's own
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise RevisionFailedError(f"The source archive cannot be unpacked as tar.gz: {error}") from error
    folder.chmod(0o555)


def _make_read_only(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
    checked = tarfile.data_filter(member, path)
    mode = 0o555 if member.isdir() or member.mode & 0o100 else 0o444
    return checked.replace(mode=mode, deep=False)


def _explain_failed_start(container: Container, instance: Instance) -> str:
    if _TCP.passes(instance.address, instance.port):
        sentence = "The user-provided container failed the configured startup probe checks."
    else:
        sentence = (
            "The user-provided container failed to start and listen on the port defined provided by the "
            f"PORT={container.port} environment variable within the allocated timeout. This can happen when the "
            "container port is misconfigured or if the timeout is too short."
        )
    return f"{sentence} Logs for this revision might contain more information. The last lines:"
