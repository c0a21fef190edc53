"""What a rehearsal does with its stack, and what it shows meanwhile."""

import json
import threading
from collections.abc import Callable, Mapping

from pulumi.automation import OpType, OutputMap, Stack

from rehearsal.steps import Steps

INTERRUPTED = 130
"""The exit code of whatever Ctrl-C has ended, as shells have it."""


class Rehearsal:
    """One deployment onto emulators, act by act; ``outputs`` are the stack's, once it is up."""

    def __init__(self, stack: Stack, steps: Steps) -> None:
        """Rehearse with ``stack``, and tell ``steps``."""
        self.outputs: dict[str, object] = {}
        self._stack, self._steps = stack, steps
        self._color = "always" if steps.stream.isatty() else "never"

    def play(self, ended: threading.Event, meanwhile: Callable[[], int]) -> int:
        """Deploy, do ``meanwhile`` and return its exit code, unless ``ended`` came before; and destroy in any case.

        Where the engine fails its ``CommandError`` goes on to the caller; what it said has been shown by then.
        """
        try:
            for act in (self._preview, self._up):
                if not ended.is_set():
                    act()
            return INTERRUPTED if ended.is_set() else meanwhile()
        finally:
            self._destroy()

    def _preview(self) -> None:
        say = self._steps.say
        with self._steps.step("preview"):
            self._stack.preview(color=self._color, on_output=say, on_error=say)

    def _up(self) -> None:
        say = self._steps.say
        with self._steps.step("up"):
            up = self._stack.up(color=self._color, on_output=say, on_error=say, suppress_progress=True)
        self.outputs = _plain(up.outputs)
        say(_table(self.outputs))

    def _destroy(self) -> None:
        say = self._steps.say
        with self._steps.step("destroy"):
            destroyed = self._stack.destroy(color=self._color, on_error=say)
            say(f"Deleted {(destroyed.summary.resource_changes or {}).get(OpType.DELETE, 0)} resources.")


def _plain(outputs: OutputMap) -> dict[str, object]:
    return {name: "[secret]" if output.secret else output.value for name, output in sorted(outputs.items())}


def _table(values: Mapping[str, object]) -> str:
    width = max(map(len, values), default=0)
    shown = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return "\n".join(f"{name:{width}}  {value}" for name, value in shown.items())
