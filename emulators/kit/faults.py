"""The errors and faults that a test queues in an emulator."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Generic, TypeVar

T = TypeVar("T")
Error = TypeVar("Error")
Fault = TypeVar("Fault")


@dataclass(frozen=True)
class _Queued(Generic[T]):
    what: T
    method: str
    path: str


@dataclass
class FaultQueue(Generic[Error, Fault]):
    """Errors and faults, each for the next matching request.

    An error is answered in place of the request. What a fault does is up to the emulator: it may lose the answer after
    the work is done, or let a deployment fail. ``method`` and ``path`` are globs, and ``*`` matches ``/`` too.
    """

    _errors: list[_Queued[Error]] = field(default_factory=list[_Queued[Error]])
    _faults: list[_Queued[Fault]] = field(default_factory=list[_Queued[Fault]])

    def queue_error(self, error: Error, *, method: str = "*", path: str = "*", times: int = 1) -> None:
        self._errors += [_Queued(error, method, path)] * times

    def queue_fault(self, fault: Fault, *, method: str = "*", path: str = "*", times: int = 1) -> None:
        self._faults += [_Queued(fault, method, path)] * times

    def clear_faults(self) -> None:
        """Forget all errors and faults that are still queued."""
        self._errors.clear()
        self._faults.clear()

    def next_error(self, method: str = "", path: str = "") -> Error | None:
        """Remove and return the first error that matches this request, if there is one."""
        return _take(self._errors, method, path)

    def next_fault(self, method: str = "", path: str = "") -> Fault | None:
        """Remove and return the first fault that matches this request, if there is one."""
        return _take(self._faults, method, path)


def _take(queue: list[_Queued[T]], method: str, path: str) -> T | None:
    for queued in queue:
        if fnmatchcase(method, queued.method) and fnmatchcase(path, queued.path):
            queue.remove(queued)
            return queued.what
    return None
