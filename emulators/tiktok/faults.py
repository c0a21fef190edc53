"""Errors and faults that a test queues for the next requests of an endpoint.

The emulator is deployed by itself, so it does not share the queue of the other emulators.
"""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Literal, TypeVar, get_args

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Literal["authorize", "token", "revoke", "user_info"]
Fault = Literal[
    "slow", "silent", "cut", "truncated", "html", "rate_limit", "internal_error", "redirect", "oversize", "not_found"
]
_OVERSIZE_BYTES = 1 << 20
_HALF_BODY = b'{"access_token":"act.half'
_PLAIN: dict[Fault, tuple[int, str, dict[str, str]]] = {
    "html": (502, "<html><body><h1>502 Bad Gateway</h1></body></html>", {"content-type": "text/html"}),
    "rate_limit": (429, "Too Many Requests", {"retry-after": "60"}),
    "internal_error": (500, "Internal Server Error", {}),
    "redirect": (302, "", {"location": "/elsewhere"}),
    "not_found": (404, "Unsupported path(Janus)", {}),
}


@dataclass(frozen=True, kw_only=True)
class InjectedError:
    """An error that the endpoint answers in its own format."""

    error: str
    description: str


@dataclass(frozen=True, kw_only=True)
class InjectedFault:
    """A fault of the network or the server; ``seconds`` is how long ``slow`` waits."""

    fault: Fault
    seconds: float


Queued = TypeVar("Queued", InjectedError, InjectedFault)


@dataclass
class FaultQueue:
    """One first-in, first-out queue of errors and faults per endpoint."""

    _queues: defaultdict[str, deque[InjectedError | InjectedFault]] = field(
        default_factory=lambda: defaultdict[str, deque[InjectedError | InjectedFault]](deque)
    )

    def add(self, endpoint: Endpoint, queued: InjectedError | InjectedFault, times: int) -> None:
        """Queue it ``times`` times, or raise ``ValueError`` if there is no such endpoint or fault."""
        if endpoint not in get_args(Endpoint):
            raise ValueError(f"There is no endpoint {endpoint!r}, only {', '.join(get_args(Endpoint))}.")
        if isinstance(queued, InjectedFault) and queued.fault not in get_args(Fault):
            raise ValueError(f"There is no fault {queued.fault!r}, only {', '.join(get_args(Fault))}.")
        self._queues[endpoint].extend([queued] * times)

    def take(self, endpoint: Endpoint, kind: type[Queued]) -> Queued | None:
        """Remove and return the endpoint's first entry if it is of this kind."""
        queue = self._queues[endpoint]
        if queue and isinstance(queue[0], kind):
            taken = queue.popleft()
            return taken if isinstance(taken, kind) else None
        return None

    def clear(self) -> None:
        self._queues.clear()


class FaultMiddleware:
    """Answers with the endpoint's next queued fault, if there is one, in place of the endpoint."""

    def __init__(self, app: ASGIApp, queue: FaultQueue, endpoint: Endpoint) -> None:
        self._app = app
        self._queue = queue
        self._endpoint: Endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        injected = self._queue.take(self._endpoint, InjectedFault)
        if injected is None:
            await self._app(scope, receive, send)
        elif injected.fault == "slow":
            await asyncio.sleep(injected.seconds)
            await self._app(scope, receive, send)
        elif injected.fault == "silent":
            await _wait_for_disconnect(receive)
        elif injected.fault == "cut":
            await _send_half(receive, send)
        else:
            await _faulty_response(injected.fault)(scope, receive, send)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_half(receive: Receive, send: Send) -> None:
    """Announce more bytes than are sent; the server then closes the connection.

    The request is read first: closing a socket with unread bytes would reset the connection.
    """
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"500")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _HALF_BODY, "more_body": True})


def _faulty_response(fault: Fault) -> Response:
    if fault == "truncated":
        return Response(_HALF_BODY, media_type="application/json")
    if fault == "oversize":
        return JSONResponse({"access_token": "a" * _OVERSIZE_BYTES})
    status, body, headers = _PLAIN[fault]
    return Response(body, status, headers)
