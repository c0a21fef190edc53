"""A connection's limits: how long the server waits, how many connections it keeps, and how much of them it drops."""

import asyncio
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from time import monotonic
from typing import Any, ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from proxy_app.errors import Failure, ProxyError

# A client that is refused may still be sending. Closing a socket with unread bytes resets the connection, and the
# client may lose the answer (RFC 9112 9.6). So a refused connection is read, and its bytes dropped, for a while.
_DISCARDED_BYTES = 1024 * 1024
_LINGER_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many seconds the server waits for each part, and how many connections it keeps."""

    head_seconds: float = 10
    body_seconds: float = 5
    stopping_body_seconds: float = 0.5
    unread_seconds: float = 10
    connections: int = 1000


class Stage(Enum):
    """What a connection does; once a request is refused, nothing more is read."""

    HEAD = auto()  # before a request, or in its head
    BODY = auto()
    ANSWERING = auto()
    REFUSED = auto()


HEAD, BODY, ANSWERING, REFUSED = Stage


class LimitedConnection(HttpToolsProtocol):
    """uvicorn's protocol with limits of time and number; what it reads is ``BoundedHttpProtocol``'s."""

    limits: ClassVar = Limits()

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # what uvicorn passes
        super().__init__(*args, **options)
        self.stage = HEAD
        self.head = b""  # of a request, as far as it has come
        self.has_answered = self.is_overloaded = False
        self.waiting_since = monotonic()  # finer than the loop's time, so that no two connections have the same
        self._discarded = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timed: Stage | None = None  # the stage that the timer limits
        self._unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def _make_room(self) -> None:
        """Close the connection that has waited longest for a request, preferably one that never completed any."""
        peers = cast("set[LimitedConnection]", self.connections) - {self}
        waiting = [peer for peer in peers if peer.stage is not ANSWERING]
        self.is_overloaded = not waiting
        if waiting:
            min(waiting, key=lambda peer: (peer.has_answered, peer.waiting_since)).transport.abort()

    def discard(self, data: bytes) -> None:
        self._discarded += len(data)
        if self._discarded > _DISCARDED_BYTES:
            self.transport.abort()

    def linger(self) -> None:
        """Close this side, and drop what the client still sends for a while."""
        self.transport.write_eof()
        self._timer = self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def limit_time(self) -> None:
        """Start the time limit of a head or a body that has begun, and end that of one that is complete."""
        stage = self.stage if self.head or self.stage is BODY else None
        if stage is self._timed:
            return
        self.stop_timer()
        if stage:
            seconds = self.limits.head_seconds if stage is HEAD else self.limits.body_seconds
            self.start_timer(seconds, ProxyError(Failure.TooSlow))

    def start_timer(self, seconds: float, error: ProxyError) -> None:
        self.stop_timer()
        self._timer, self._timed = self.loop.call_later(seconds, partial(self.refuse, error)), self.stage

    def stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._timed = None

    def stop_timers(self) -> None:
        """Stop all of them, once the connection is lost."""
        self._unset_keepalive_if_required()
        self.stop_timer()
        self.resume_writing()

    def refuse(self, error: ProxyError) -> None:
        """Answer the current message with ``error``, and read nothing more from this connection."""
        raise NotImplementedError

    def limit_unread(self) -> None:
        self._unread_timer = self._unread_timer or self.loop.call_later(
            self.limits.unread_seconds, self.transport.abort
        )

    def pause_writing(self) -> None:
        super().pause_writing()
        self.limit_unread()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread_timer:
            self._unread_timer.cancel()
        self._unread_timer = None
