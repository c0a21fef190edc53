"""TikTok's reply, read from any bytes in any pieces."""

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from proxy_app.errors import ProxyError
from proxy_app.http_response import Reply, ReplyReader

_LIMIT = 64 * 1024
FRAGMENTS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    b"Content-Length: 2\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alive\r\n",
    b"X-Tt-Logid: 20261125\r\n",
    b" folded\r\n",
    b"\r\n",
    b"\n",
    b"{}",
    b"2\r\n{}\r\n",
    b"0\r\n\r\n",
    b"\0",
]
# Replies that are nearly right are more instructive than noise.
wire = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=8), max_size=12).map(b"".join)


@dataclass(frozen=True)
class Reading:
    """How a reader ended: what it read where it came to an end, and whether the connection may be used again."""

    reply: Reply | None
    reusable: bool


def reading(pieces: list[bytes]) -> Reading:
    """Read ``pieces``; a refusal leaves no reply."""
    reader = ReplyReader()
    try:
        for piece in pieces:
            reader.feed(piece)
    except ProxyError:
        return Reading(None, reusable=False)
    return Reading(reader.reply if reader.complete else None, reader.reusable)


@st.composite
def replies(draw: st.DrawFn) -> tuple[bytes, Reply]:
    """Draw a right reply that says where it ends, with what is to be read from it."""
    status, body = (
        draw(st.integers(200, 599).filter(lambda code: code not in {204, 304})),
        draw(st.binary(max_size=200)),
    )
    log_id = draw(st.text("0123456789ABCDEF", max_size=34))
    head = f"HTTP/1.1 {status} Words\r\nX-Tt-Logid: {log_id}\r\n".encode()
    if draw(st.booleans()):
        return b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body), Reply(
            status=status, body=body, log_id=log_id
        )
    size = draw(st.integers(1, 50))
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + coded, Reply(status=status, body=body, log_id=log_id)


@given(reply=replies())
def test_a_right_reply_is_read_as_it_was_written(reply: tuple[bytes, Reply]) -> None:
    written, meant = reply

    assert reading([written]) == Reading(meant, reusable=True)


@given(reply=replies(), data=st.data())
def test_a_part_of_a_reply_is_none(reply: tuple[bytes, Reply], data: st.DataObject) -> None:
    written, _ = reply
    part = written[: data.draw(st.integers(0, len(written) - 1))]
    reader = ReplyReader()

    reader.feed(part)
    reader.end()

    assert not reader.complete
    assert not reader.reusable


@given(reply=replies(), more=st.binary(min_size=1, max_size=40).filter(lambda more: more.strip(b"\r\n") != b""))
def test_a_reply_that_is_followed_by_anything_is_refused(reply: tuple[bytes, Reply], more: bytes) -> None:
    written, _ = reply

    assert reading([written + more]) == Reading(None, reusable=False)


@given(written=wire, cuts=st.lists(st.integers(0, 200), max_size=6))
@example(written=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}\0", cuts=[40])
def test_it_does_not_matter_in_which_pieces_bytes_arrive(written: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(written)) for cut in cuts), len(written)]
    pieces = [written[begin:end] for begin, end in pairwise(places)]

    assert reading(pieces) == reading([written])


@given(head=wire, size=st.integers(_LIMIT + 1, _LIMIT + 20))
def test_no_more_than_64_kib_are_read(head: bytes, size: int) -> None:
    assert reading([head, b"a" * size]).reusable is False
    assert len((reading([head, b"a" * size]).reply or Reply(status=0, body=b"")).body) <= _LIMIT
