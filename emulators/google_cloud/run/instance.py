"""One instance of a revision: a process that is probed, and frozen while idle."""

import os
import secrets
import signal
import subprocess
import sys
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
_PROBE_INTERVAL_SECONDS = 0.02
_EXIT_SECONDS = 0.2  # between the end of a process's connections and its own
_LAST_LINES = 12


def _choose_address() -> str:
    """Return an address for one instance: on Linux one of its own, at which a listener on 127.0.0.1 does not answer.

    Cloud Run's contract wants a listener on 0.0.0.0: https://docs.cloud.google.com/run/docs/container-contract. Other
    systems have no second loopback address without configuration.
    """
    if sys.platform != "linux":
        return "127.0.0.1"
    return f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"


class Instance:
    """A process of a service; its lines go to ``keep_line``, and ``ended`` is called when it has ended.

    It is frozen between requests where ``freezes`` returns true.
    """

    def __init__(
        self,
        container: Container,
        source: Path,
        *,
        keep_line: Callable[[str], None],
        ended: Callable[["Instance"], None],
        freezes: Callable[[], bool],
    ) -> None:
        """Start the process in ``source``; an ``OSError`` if its command cannot be run."""
        self._container, self._keep_line, self._ended, self._freezes = container, keep_line, ended, freezes
        self.address, self.port = _choose_address(), free_port()
        self.last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._process = subprocess.Popen(  # noqa: S603  # the deployment declares what runs
            container.command_line(),
            cwd=source,
            env=container.process_environment(self.address, self.port),
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
        self._reader = threading.Thread(target=self._read)
        self._liveness = threading.Thread(target=self._probe)

    @property
    def group(self) -> int:
        """The number of its process group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process exists, running or frozen."""
        return self._process.poll() is None

    def keep_lines(self) -> None:
        """Start to keep the lines that the process writes."""
        self._reader.start()

    def await_start(self) -> bool:
        """Wait for the startup probe, then start the liveness probe; return False if it never passes.

        The probe is repeated more often than declared, so that a start takes no longer than needed; the time limit
        is the declared one.
        """
        probe = self._container.startup
        deadline = time.monotonic() + probe.delay + probe.period * probe.threshold
        while self.alive and time.monotonic() < deadline:
            if probe.passes(self.address, self.port):
                self._liveness.start()
                return True
            self._over.wait(_PROBE_INTERVAL_SECONDS)
        return False

    def wake(self) -> None:
        """Let it run until ``rest`` was called as often as this."""
        with self._idle:
            self._busy += 1
            self._signal(signal.SIGCONT)

    def rest(self) -> None:
        """Undo one ``wake``; after the last it may freeze or end."""
        with self._idle:
            self._busy -= 1
            if not self._busy and self._freezes():
                self._signal(signal.SIGSTOP)
            self._idle.notify_all()

    @contextmanager
    def awake(self) -> Generator[None]:
        """Let it run while the block lasts; blocks may overlap."""
        self.wake()
        try:
            yield
        finally:
            self.rest()

    def await_exit(self) -> None:
        """Wait for a process that has just closed its connections to be gone: it accepts none any more."""
        self._over.wait(_EXIT_SECONDS)

    def drain(self, seconds: float) -> None:
        """Wait until no request is in progress, ``seconds`` at most."""
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
        """End its whole process group at once, and wait for that."""
        kill_group(self.group)
        self._process.wait()
        self._over.wait(_GRACE_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        if self.alive:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.group, number)

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101  # it is a pipe
        with self._process.stdout as lines:
            for line in lines:
                self.last_lines.append(line.rstrip("\n"))
                self._keep_line(line.rstrip("\n"))
        self._process.wait()
        self._ended(self)
        self._over.set()

    def _probe(self) -> None:
        probe, failures = self._container.liveness, 0
        while probe and not self._over.wait(probe.period):
            with self.awake():
                failures = 0 if probe.passes(self.address, self.port) else failures + 1
            if failures >= probe.threshold:
                self._keep_line(
                    f"LIVENESS {probe} probe failed {failures} time consecutively. The instance has been shut down."
                )
                kill_group(self.group)
