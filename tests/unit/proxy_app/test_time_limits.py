"""The time limits of a connection as they are in production, by a clock that is put forward."""

import asyncio
import io

import pytest
from starlette.responses import PlainTextResponse

from proxy_app.app import RequestLogMiddleware
from tests.support.proxy.direct_connection import Clock, direct_connection
from tests.support.proxy.raw_client import FORM_HEAD, HEALTH

_SECOND = 1.0


async def _wait_twice(begun: bytes, seconds: float) -> list[tuple[str, bool]]:
    """Return what was answered, and whether the connection is closed, a second before and after this time."""
    app, seen = RequestLogMiddleware(PlainTextResponse("hello"), io.StringIO()), list[tuple[str, bool]]()
    async with direct_connection(app) as connection:
        await connection.feed(begun)
        connection.answered()
        for wait in (seconds - _SECOND, 2 * _SECOND):
            await connection.wait(wait)
            seen.append((connection.answered()[9:12], connection.is_closed))
    return seen


def _seen(begun: bytes, seconds: float) -> list[tuple[str, bool]]:
    with asyncio.Runner(loop_factory=Clock) as runner:
        return runner.run(_wait_twice(begun, seconds))


@pytest.mark.parametrize(
    ("begun", "seconds"),
    [(b"G", 10), (HEALTH[:-2], 10), (FORM_HEAD + b"Content-Length: 9\r\n\r\ncode=", 5)],
    ids=["a method", "a head", "a body"],
)
def test_what_has_begun_is_refused_after_its_time(begun: bytes, seconds: float) -> None:
    assert _seen(begun, seconds) == [("", False), ("408", False)]


def test_a_refused_client_has_two_seconds_to_leave() -> None:
    assert _seen(b"GET / HTTP/9.9\r\n\r\n", 2) == [("", False), ("", True)]


def test_a_connection_that_was_used_outlives_the_600_seconds_of_googles_front_end() -> None:
    """https://docs.cloud.google.com/load-balancing/docs/https#timeouts_and_retries."""
    assert _seen(HEALTH, 602) == [("", False), ("", False)]
    assert _seen(HEALTH, 620) == [("", False), ("", True)]
