"""A revision: one archive, one container, and the instances that serve it."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.google_cloud.errors import JsonObject
from emulators.google_cloud.run.archive import ArchiveRefused, unpack
from emulators.google_cloud.run.container import Container, Probe
from emulators.google_cloud.run.instance import Instance
from emulators.google_cloud.run.machine import LogLine, MachineClosed

if TYPE_CHECKING:
    from emulators.google_cloud.state import GoogleCloud

_DRAIN_SECONDS = 10
_BASE_IMAGE = re.compile(r"(?:\S+/)?python3(?:10|11|12|13|14)")
_TCP = Probe(path=None, headers={}, delay=0, period=1, timeout=1, threshold=1)


class RevisionFailed(Exception):
    """A revision cannot serve; the message is Cloud Run's own."""


@dataclass(kw_only=True)
class Revision:
    """One deployment of a service; ``failure`` says why it never served, where it did not."""

    cloud: "GoogleCloud"
    service: str
    name: str
    template: JsonObject
    created: str
    failure: str | None = None
    instances: list[Instance] = field(default_factory=list[Instance])
    _folder: Path | None = None
    _turns: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def start(self) -> None:
        """Start one more instance and wait until it is ready; ``RevisionFailed`` where it never is."""
        try:
            self.instances.append(self._ready_instance())
        except (ArchiveRefused, MachineClosed, RevisionFailed) as error:
            raise RevisionFailed(f"Revision '{self.name}' is not ready and cannot serve traffic. {error}") from error

    def take(self) -> Instance:
        """Return a living instance, by turns; where there is none, start one."""
        self.instances = [instance for instance in self.instances if instance.alive]
        if not self.instances:
            self.start()
        return self.instances[next(self._turns) % len(self.instances)]

    def scale(self, instances: int) -> None:
        """Run as many instances as that."""
        self.instances = [instance for instance in self.instances if instance.alive]
        while len(self.instances) < instances:
            self.start()
        for instance in self.instances[instances:]:
            instance.drain(_DRAIN_SECONDS)
            instance.stop()
        del self.instances[instances:]

    def _source(self) -> Path:
        container = self.template["containers"][0]
        if container["image"] != "scratch" or "sourceCode" not in container:
            raise RevisionFailed(
                f"Image '{container['image']}' cannot run here: this emulator runs source archives (image 'scratch' "
                "with sourceCode), no container images."
            )
        if not container.get("command"):
            raise RevisionFailed("The container has no command, and an archive brings none.")
        base_image = container.get("baseImageUri", "")
        if not _BASE_IMAGE.fullmatch(base_image):
            raise RevisionFailed(f"Base image '{base_image}' not found.")
        folder = self.cloud.machine.folder(self.name)
        unpack(self.cloud, container["sourceCode"].get("cloudStorageSource", {}), folder)
        return folder

    def _ready_instance(self) -> Instance:
        self._folder = self._folder or self._source()
        container = Container.from_template(self.template)
        names = {"K_SERVICE": self.service, "K_REVISION": self.name, "K_CONFIGURATION": self.service}
        try:
            instance = self.cloud.machine.launch(container, self._folder, names, self._keep)
        except OSError as error:
            raise RevisionFailed(f"The command {container.command} cannot be run: {error.strerror}.") from error
        with instance.awake():
            instance.freezes = lambda: self.cloud.freeze_between_requests and container.cpu_idle
            if instance.started():
                return instance
            reason = _why(container, instance)
        instance.stop()
        raise RevisionFailed("\n".join([reason, *instance.last_lines]))

    def _keep(self, line: str) -> None:
        self.cloud.logs.append(LogLine(service=self.service, revision=self.name, line=line))


def _why(container: Container, instance: Instance) -> str:
    if _TCP.passes(instance.port):
        said = "The user-provided container failed the configured startup probe checks."
    else:
        said = (
            "The user-provided container failed to start and listen on the port defined provided by the "
            f"PORT={container.port} environment variable within the allocated timeout. This can happen when the "
            "container port is misconfigured or if the timeout is too short."
        )
    return f"{said} Logs for this revision might contain more information. The last lines:"
