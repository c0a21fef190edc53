"""The steps of a rehearsal: each is announced and timed, and a person who has seen enough may end them."""

import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TextIO

from rehearsal.progress import format_duration


@dataclass
class Steps:
    """What was done so far, told to ``stream``, and how long each step took, in seconds."""

    stream: TextIO
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    def say(self, text: str) -> None:
        """Print ``text`` at once, also into a pipe."""
        print(text, file=self.stream, flush=True)

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Announce and time one step."""
        self.say(f"\n== {name}")
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - start, 2)

    def times(self) -> str:
        """Say how long each step took."""
        return ", ".join(f"{name} {format_duration(seconds)}" for name, seconds in self.seconds.items())


@contextmanager
def defer_signals() -> Generator[threading.Event]:
    """Yield an event that Ctrl-C, or another signal that ends a process, sets; a second one ends at once.

    The engine hears Ctrl-C by itself, and stops after what is under way: this process must outlive it, to clean up.
    """
    kept = threading.Event()

    def keep(_number: int, _frame: FrameType | None) -> None:
        if kept.is_set():
            raise KeyboardInterrupt
        kept.set()

    before = {number: signal.signal(number, keep) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield kept
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
