"""The emulated TikTok's API at a separate origin, where token requests can be paused."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulators.kit.serving import serving
from emulators.tiktok import TikTok, create_app

_TOKEN_PATH = "/v2/oauth/token/"
_PATIENCE_SECONDS = 20


class _Hold:
    """The answers to the next ``number`` requests for a token, which are made, and wait until they are let go."""

    def __init__(self, number: int) -> None:
        self._free, self._unmade, self._unsent = number, number, number
        self._opened = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.full, self.empty = threading.Event(), threading.Event()

    def takes_one_more(self) -> bool:
        self._free -= 1
        return self._free >= 0

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        made: list[Message] = []

        async def keep(message: Message) -> None:
            made.append(message)

        await app(scope, receive, keep)
        await self._wait()
        for message in made:
            await send(message)
        self._unsent -= 1
        if not self._unsent:
            self.empty.set()

    def open(self) -> None:
        if self._loop:
            self._loop.call_soon_threadsafe(self._opened.set)

    async def _wait(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._unmade -= 1
        if not self._unmade:
            self.full.set()
        await self._opened.wait()


class Turnstile(ExitStack):
    """A server before ``tiktok``, at ``origin``, which lives as long as the ``with`` block."""

    def __init__(self, tiktok: TikTok) -> None:
        super().__init__()
        self.origin = ""
        self._app = create_app(tiktok)
        self._hold: _Hold | None = None

    def __enter__(self) -> Self:
        self.origin = self.enter_context(serving(self))
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hold = self._hold
        if hold and scope["type"] == "http" and scope["path"] == _TOKEN_PATH and hold.takes_one_more():
            await hold.answer(self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    @contextmanager
    def holding(self, number: int) -> Generator[None]:
        """Enter the block when the next ``number`` to ask for a token wait for their answers, and let them go after it.

        A code is spent by then, as it is at TikTok when an answer is under way.
        """
        hold = self._hold = _Hold(number)
        try:
            assert hold.full.wait(_PATIENCE_SECONDS), f"Not {number} asked TikTok for a token."
            yield
        finally:
            self._hold = None
            hold.open()
        assert hold.empty.wait(_PATIENCE_SECONDS), "Not all who waited were answered."

    def close_connections(self) -> None:
        """Close every connection in good order, after the answer that is being sent on it, and listen again."""
        port = int(self.origin.rpartition(":")[2])
        self.close()
        self.enter_context(serving(self, port=port))
