"""Long-running operations: what takes time goes on while its caller asks whether it is done."""

import threading
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulators.google_cloud.errors import JsonObject, NotFound
from emulators.google_cloud.gate import Asked
from emulators.google_cloud.run.revision import RevisionFailed
from emulators.google_cloud.state import GoogleCloud

_SERVICE = "type.googleapis.com/google.cloud.run.v2.Service"
_FAILED_PRECONDITION = 9  # https://grpc.github.io/grpc/core/md_doc_statuscodes.html
_INTERNAL = 13
_JOIN_SECONDS = 15


class Operation:
    """A piece of work on the service ``target``; ``work`` returns the service as it is then."""

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
        """Return the operation as the API shows it, after waiting that long for its end."""
        finished = self._finished.wait(patience_seconds)
        return self.begun() | ({"done": True} | self._outcome if finished else {})

    def join(self) -> None:
        """Wait until the work is over; a ``RuntimeError`` after fifteen seconds."""
        self._thread.join(_JOIN_SECONDS)
        if self._thread.is_alive():
            raise RuntimeError(f"{self._name} did not end within {_JOIN_SECONDS} s.")

    def _run(self) -> None:
        try:
            self._outcome = {"response": {"@type": _SERVICE} | self._work()}
        except RevisionFailed as error:
            self._outcome = {"error": {"code": _FAILED_PRECONDITION, "message": str(error)}}
        finally:
            self._finished.set()


def begin(cloud: GoogleCloud, target: str, work: Callable[[], JsonObject]) -> JsonObject:
    """Start ``work`` on the service ``target``, and return the operation that can be asked about it."""
    name = f"{target.rpartition('/services/')[0]}/operations/op-{len(cloud.operations) + 1:06}"
    cloud.operations[name] = Operation(name, target, work)
    return cloud.operations[name].begun()


async def _get(request: Asked) -> JSONResponse:
    cloud, name = request.state["cloud"], request.url.path.removeprefix("/v2/")
    if name not in cloud.operations:
        raise NotFound(f"Operation {name} not found.")
    # A poll is held until its operation ends, within reason: clients poll at once, and then only after a while.
    return JSONResponse(await run_in_threadpool(cloud.operations[name].resource, cloud.operation_patience_seconds))


ROUTES = [Route("/v2/projects/{project}/locations/{location}/operations/{operation}", _get, methods=["GET"])]
