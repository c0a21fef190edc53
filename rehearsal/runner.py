"""Runs a rehearsal: deploys, uses and destroys its stack, times each step, and defers signals."""

import json
import signal
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import TextIO

from pulumi.automation import OpType, OutputMap, Stack
from pulumi.automation.errors import CommandError

from rehearsal.progress import format_duration

INTERRUPTED = 130
"""The exit code after Ctrl-C, as in a shell."""


@dataclass
class Steps:
    """Report each step to ``stream`` and measure it; every second since ``mark`` belongs to one of the steps."""

    stream: TextIO
    quiet: bool = False
    mark: float = field(default_factory=time.monotonic)
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    _held_back: list[str] = field(default_factory=list[str])

    @property
    def color(self) -> str:
        """What the engine's option ``--color`` is set to."""
        return "always" if self.stream.isatty() else "never"

    def say(self, text: str) -> None:
        """Print ``text`` at once; with ``quiet`` keep it for ``show_held_back``."""
        if self.quiet:
            self._held_back.append(text)
        else:
            self.announce(text)

    def announce(self, text: str) -> None:
        """Print ``text`` at once, even with ``quiet``."""
        with suppress(OSError):  # a closed terminal must not prevent the clean-up
            print(text, file=self.stream, flush=True)

    def show_held_back(self) -> None:
        """Print what ``quiet`` has kept, because it is needed to understand a failure."""
        while self._held_back:
            self.announce(self._held_back.pop(0))

    def finish(self, name: str) -> None:
        """Add the time since the last step to ``name``."""
        now = time.monotonic()
        self.seconds[name] = round(self.seconds.get(name, 0) + now - self.mark, 2)
        self.mark = now

    def skip(self) -> None:
        """Leave the time since the last step out: it was not spent waiting."""
        self.mark = time.monotonic()

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Announce and measure one step."""
        self.say(f"\n== {name}")
        try:
            yield
        finally:
            self.finish(name)

    def times(self) -> str:
        """Return the total and its parts in words."""
        parts = ", ".join(f"{name} {format_duration(seconds)}" for name, seconds in self.seconds.items())
        return f"{format_duration(sum(self.seconds.values()))}: {parts}"


class Interruption(threading.Event):
    """Set by the first signal; ``number`` says which one it was."""

    number = signal.SIGINT


@contextmanager
def defer_signals() -> Generator[Interruption]:
    """Yield what Ctrl-C, SIGTERM or SIGHUP sets; a second signal raises ``KeyboardInterrupt``.

    A terminal sends Ctrl-C to the engine as well, which then stops by itself; this process stays to clean up.
    """
    interrupted = Interruption()

    def keep(number: int, _frame: FrameType | None) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.number = signal.Signals(number)
        interrupted.set()

    before = {number: signal.signal(number, keep) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def deployed_stack(stack: Stack, steps: Steps, interrupted: threading.Event) -> Generator[dict[str, object]]:
    """Preview and deploy ``stack``, yield its outputs, and destroy it at the end, whatever happens.

    Raise the engine's ``CommandError``, which ``steps`` has shown by then, or ``KeyboardInterrupt`` if ``interrupted``
    is set before the stack is up.
    """
    try:
        _preview(stack, steps, interrupted)
        yield update(stack, steps, interrupted)
    finally:
        _destroy(stack, steps)


@contextmanager
def interruptible(interrupted: threading.Event) -> Generator[None]:
    """Raise ``KeyboardInterrupt`` if a signal came while the engine worked, also if the engine failed because of it."""
    try:
        yield
    except CommandError:
        if not interrupted.is_set():
            raise
    if interrupted.is_set():
        raise KeyboardInterrupt


def _preview(stack: Stack, steps: Steps, interrupted: threading.Event) -> None:
    with interruptible(interrupted), steps.step("preview"):
        stack.preview(color=steps.color, on_output=steps.say, on_error=steps.say)


def update(stack: Stack, steps: Steps, interrupted: threading.Event) -> dict[str, object]:
    """Deploy ``stack`` and return its outputs; raise as ``deployed_stack`` does."""
    say, outputs = steps.say, dict[str, object]()
    with interruptible(interrupted), steps.step("up"):
        up = stack.up(color=steps.color, on_output=say, on_error=say, suppress_progress=True, suppress_outputs=True)
        outputs = _without_secrets(up.outputs)
        say(_table(outputs))
    return outputs


def _destroy(stack: Stack, steps: Steps) -> None:
    with steps.step("destroy"):
        destroyed = stack.destroy(color=steps.color, on_error=steps.say)
        steps.say(f"Deleted {(destroyed.summary.resource_changes or {}).get(OpType.DELETE, 0)} resources.")


def _without_secrets(outputs: OutputMap) -> dict[str, object]:
    return {name: "[secret]" if output.secret else output.value for name, output in sorted(outputs.items())}


def _table(values: Mapping[str, object]) -> str:
    width = max(map(len, values), default=0)
    shown = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return "\n".join(f"{name:{width}}  {value}" for name, value in shown.items())
