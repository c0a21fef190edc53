"""One instance of a revision: a process, asked whether it lives, frozen when idle, and surely ended."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from emulators.google_cloud.run.container import Container
from emulators.google_cloud.run.reaper import kill_group
from emulators.kit.serving import free_port

_GRACE_SECONDS = 10  # between SIGTERM and SIGKILL: https://docs.cloud.google.com/run/docs/container-contract
_GLANCE_SECONDS = 0.02
_LAST_LINES = 12


class Instance:
    """A process of a service; its lines go to ``keep``, and ``ended`` hears when it is over."""

    def __init__(
        self,
        container: Container,
        source: Path,
        names: dict[str, str],
        *,
        keep: Callable[[str], None],
        ended: Callable[["Instance"], None],
    ) -> None:
        """Start it in ``source``; an ``OSError`` where its command cannot be run."""
        self._container, self._keep, self._ended = container, keep, ended
        self.port = free_port()
        self.freezes: Callable[[], bool] = lambda: False
        self.last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._process = subprocess.Popen(  # noqa: S603  # what a deployment declares is what is to run
            container.command_line(),
            cwd=source,
            env=container.process_environment(self.port, names),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._over = threading.Event()
        self._idle = threading.Condition()
        self._busy = 0
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._probe)]

    @property
    def group(self) -> int:
        """Return the number of its process group, which is its own."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Tell whether the process is there, running or frozen."""
        return self._process.poll() is None

    def watch(self) -> None:
        """Begin to keep its lines."""
        self._threads[0].start()

    def started(self) -> bool:
        """Wait until the startup probe passes, then begin with the liveness probe; False where it never does.

        It is asked oftener than declared, so that nobody waits for the rest of a period; the time it has is the same.
        """
        probe = self._container.startup
        deadline = time.monotonic() + probe.delay + probe.period * probe.threshold
        while self.alive and time.monotonic() < deadline:
            if probe.passes(self.port):
                self._threads[1].start()
                return True
            self._over.wait(_GLANCE_SECONDS)
        return False

    def wake(self) -> None:
        """Let it run until ``rest`` was called as often as this."""
        with self._idle:
            self._busy += 1
            self._signal(signal.SIGCONT)

    def rest(self) -> None:
        """Take one ``wake`` back; after the last it may freeze, or end."""
        with self._idle:
            self._busy -= 1
            if not self._busy and self.freezes():
                self._signal(signal.SIGSTOP)
            self._idle.notify_all()

    @contextmanager
    def awake(self) -> Generator[None]:
        """Let it run while the block lasts, however many do so at once."""
        self.wake()
        try:
            yield
        finally:
            self.rest()

    def drain(self, seconds: float) -> None:
        """Wait until no request is under way, ``seconds`` at most."""
        with self._idle:
            self._idle.wait_for(lambda: not self._busy, seconds)

    def stop(self) -> None:
        """End it as Cloud Run does: SIGTERM, ten seconds, SIGKILL."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it and whatever it started at once, and wait until that is so."""
        kill_group(self.group)
        self._process.wait()
        self._over.wait(_GRACE_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        if self.alive:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.group, number)

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101  # it was asked for
        with self._process.stdout as lines:
            for line in lines:
                self.last_lines.append(line.rstrip("\n"))
                self._keep(line.rstrip("\n"))
        self._process.wait()
        self._ended(self)
        self._over.set()

    def _probe(self) -> None:
        probe, failures = self._container.liveness, 0
        while probe and not self._over.wait(probe.period):
            with self.awake():
                failures = 0 if probe.passes(self.port) else failures + 1
            if failures >= probe.threshold:
                self._keep(
                    f"LIVENESS {probe} probe failed {failures} time consecutively. The instance has been shut down."
                )
                kill_group(self.group)
