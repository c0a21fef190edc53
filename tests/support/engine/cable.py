"""A TCP relay between the engine's plugins and an emulator, which a test can pause and cut."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_BYTES = 65536


@dataclass
class Cable:
    """A TCP relay to ``target`` (a port on this machine), from a port of its own."""

    target: int
    port: int = 0
    held: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    _cut: bool = False
    _ends: list[socket.socket] = field(default_factory=list[socket.socket])

    def hold(self) -> None:
        """Keep back what is sent from now on; ``held`` is set when something is."""
        self.held.clear()
        self.let_go.clear()

    def release(self) -> None:
        """Pass on what was kept back, and everything after it."""
        self.let_go.set()

    def cut(self) -> None:
        """Refuse every connection, and break those that are open."""
        self._cut = True
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Take connections again."""
        self._cut = False

    def serve(self, listener: socket.socket) -> None:
        """Relay each connection until ``listener`` is closed."""
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            if self._cut:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.target))
            self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other)).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while content := one.recv(_BYTES):
                if not self.let_go.is_set():
                    self.held.set()
                    self.let_go.wait()
                other.sendall(content)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Break everything, and give the sockets back."""
        self.cut()
        self.release()
        for end in self._ends:
            end.close()


@contextmanager
def cable(target: int) -> Generator[Cable]:
    """Lay a cable to ``target`` that passes everything on, and take it away when the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        laid = Cable(target, listener.getsockname()[1])
        laid.release()
        thread = threading.Thread(target=laid.serve, args=(listener,))
        thread.start()
        try:
            yield laid
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            laid.close()
            thread.join(10)
