"""However the network cuts a stream of requests into pieces, each request is answered once and in its order."""

import asyncio
import io
from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from proxy_app.app import RequestLogMiddleware
from tests.support.proxy.direct_connection import direct_connection

_HOST = b"Host: proxy.example\r\n"
_STREAM = (
    b"GET /1 HTTP/1.1\r\n" + _HOST + b"\r\n"
    # The data of these chunks looks like the end of a body, and like a request.
    b"POST /2 HTTP/1.1\r\n" + _HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    b"4\r\n\r\n\r\n\r\n13\r\nGET /x HTTP/1.1\r\n\r\n\r\n0\r\nX: y\r\n\r\n"
    b"POST /3 HTTP/1.1\r\n" + _HOST + b"Content-Length: 4\r\n\r\n\r\n\r\n"
    b"POST /4 HTTP/1.1\r\n" + _HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    b"GET /5 HTTP/1.1\r\n" + _HOST + b"Connection: close\r\n\r\n"
)


async def _tell_path_and_body(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    await PlainTextResponse(f"{scope['path']}:{len(message['body'])};")(scope, receive, send)


async def _answers(cuts: Iterable[int], turns: int) -> str:
    """Return the bodies of all answers; the loop has ``turns`` turns between one piece and the next."""
    app = RequestLogMiddleware(_tell_path_and_body, io.StringIO())
    async with direct_connection(app) as connection:
        for begin, end in pairwise([0, *sorted(cuts), len(_STREAM)]):
            await connection.feed(_STREAM[begin:end], turns)
        await connection.feed(b"")
        answered = connection.answered()
    return "".join(part.partition("\r\n\r\n")[2] for part in answered.split("HTTP/1.1 200 OK\r\n"))


_RIGHT = "/1:0;/2:23;/3:4;/4:0;/5:0;"


def test_a_stream_may_be_cut_anywhere() -> None:
    async def cut_everywhere() -> dict[int, str]:
        return {at: await _answers([at], turns=1) for at in range(1, len(_STREAM))}

    assert {at: answered for at, answered in asyncio.run(cut_everywhere()).items() if answered != _RIGHT} == {}


@given(st.sets(st.integers(1, len(_STREAM) - 1)), st.integers(0, 5))
def test_a_stream_may_be_cut_into_any_pieces(cuts: set[int], turns: int) -> None:
    assert asyncio.run(_answers(cuts, turns)) == _RIGHT
