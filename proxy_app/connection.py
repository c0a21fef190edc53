"""One connection to TikTok, which carries one exchange at a time, and another only while nothing stirs in it.

Where a process is frozen between requests, as on Cloud Run, the usual fate of an idle connection is that it was closed
meanwhile, unnoticed. Before every reuse the socket itself is therefore asked: anything that can be read is an end, a
reset, or an answer to nobody, and must not reach the next person.
"""

import asyncio
import select
import time
from typing import cast

from proxy_app.errors import ProxyError, UpstreamBroken, UpstreamTimedOut, UpstreamUnreachable
from proxy_app.http_response import Reply, ReplyReader

_LONGEST_IDLE_SECONDS = 15
# macOS has no POLLRDHUP: an end is POLLIN there.
_ANYTHING = select.POLLIN | getattr(select, "POLLRDHUP", select.POLLHUP)


class Connection(asyncio.Protocol):
    """A protocol for ``loop.create_connection``: ``exchange`` once connected, and again while ``is_quiet``."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        """Wait to be connected."""
        self._incoming = select.poll()
        self._last_used = time.monotonic()
        self._reader: ReplyReader | None = None
        self._answer: asyncio.Future[Reply] | None = None

    def is_open(self) -> bool:
        """Whether it could carry another exchange, for all that is known by now."""
        return not self._transport.is_closing()

    def is_quiet(self) -> bool:
        """Whether the connection is open, idle for at most 15 seconds, and has nothing to read."""
        if self._transport.is_closing() or time.monotonic() - self._last_used > _LONGEST_IDLE_SECONDS:
            return False
        return not self._incoming.poll(0)

    async def exchange(self, request: bytes, deadline: float) -> Reply:
        """Send ``request``, once, and return the reply; afterwards the connection is closed unless it can be reused.

        Raises ``UpstreamUnreachable`` where nothing could be sent, ``UpstreamTimedOut`` at ``deadline`` (the loop's
        time), and ``UpstreamBroken`` for a reply that is cut off or refused.
        """
        if self._transport.is_closing():
            raise UpstreamUnreachable
        self._transport.write(request)  # first: the rest is done while it is under way
        loop = asyncio.get_running_loop()
        self._reader = ReplyReader()
        self._answer = loop.create_future()
        timer = loop.call_at(deadline, self._time_out)
        try:
            return await self._answer
        finally:
            timer.cancel()
            if not self._reader.reusable:
                self._transport.abort()
            self._reader = self._answer = None
            self._last_used = time.monotonic()

    def close(self) -> None:
        """Drop the connection at once."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, and an eye on its socket."""
        self._transport = cast("asyncio.Transport", transport)
        self._incoming.register(transport.get_extra_info("socket"), _ANYTHING)

    def data_received(self, data: bytes) -> None:
        """Read on, or drop a connection that speaks without having been asked."""
        if self._reader is None:
            self._transport.abort()
            return
        try:
            self._reader.feed(data)
        except UpstreamBroken as error:
            self._fail(error)
        else:
            self._finish_if_complete(self._reader)

    def eof_received(self) -> None:
        """Take an orderly end; over TLS it is a ``close_notify``, which nobody in between can forge."""
        if self._reader is not None:
            self._reader.end()
            self._finish_if_complete(self._reader)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the exchange that was under way."""
        error = UpstreamBroken("TikTok closed the connection before its answer was complete.")
        error.__cause__ = exc
        self._fail(error)

    def _finish_if_complete(self, reader: ReplyReader) -> None:
        if reader.complete and self._answer is not None and not self._answer.done():
            self._answer.set_result(reader.reply())

    def _time_out(self) -> None:
        self._fail(UpstreamTimedOut())

    def _fail(self, error: ProxyError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self._transport.abort()
