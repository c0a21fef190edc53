"""A long-running operation: its work continues while clients poll."""

import threading
from collections.abc import Callable

from emulators.google_cloud.run.revision import RevisionFailedError
from emulators.google_cloud.wire import JsonObject

_SERVICE = "type.googleapis.com/google.cloud.run.v2.Service"
_FAILED_PRECONDITION = 9  # https://grpc.github.io/grpc/core/md_doc_statuscodes.html
_INTERNAL = 13
_JOIN_SECONDS = 15


class Operation:
    """Work on the service ``target``; ``work`` returns the service as it is afterwards."""

    def __init__(self, name: str, target: str, work: Callable[[], JsonObject]) -> None:
        """Start ``work`` in a thread of its own."""
        self._name, self._target, self._work = name, target, work
        self._outcome: JsonObject = {"error": {"code": _INTERNAL, "message": "The emulator itself failed."}}
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    def begun(self) -> JsonObject:
        """Return the operation as it was in the beginning."""
        return {"name": self._name, "metadata": {"@type": _SERVICE, "name": self._target}}

    def resource(self, patience_seconds: float) -> JsonObject:
        """Return the operation as the API shows it, after at most that long."""
        finished = self._finished.wait(patience_seconds)
        return self.begun() | ({"done": True} | self._outcome if finished else {})

    def join(self) -> None:
        """Wait until the work has ended; a ``RuntimeError`` after fifteen seconds."""
        self._thread.join(_JOIN_SECONDS)
        if self._thread.is_alive():
            raise RuntimeError(f"{self._name} did not end within {_JOIN_SECONDS} s.")

    def _run(self) -> None:
        try:
            self._outcome = {"response": {"@type": _SERVICE} | self._work()}
        except RevisionFailedError as error:
            self._outcome = {"error": {"code": _FAILED_PRECONDITION, "message": str(error)}}
        finally:
            self._finished.set()
