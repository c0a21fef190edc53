"""What holds for every reply of TikTok's, however its bytes arrive."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy_app.errors import UpstreamBroken
from proxy_app.tiktok_reply import ReplyReader

_SETTINGS = settings(derandomize=True, max_examples=100, deadline=None, database=None)


@_SETTINGS
@given(st.binary(max_size=200), st.integers(1, 50))
def test_a_reply_is_the_same_however_it_is_cut(body: bytes, size: int) -> None:
    sent = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    reader = ReplyReader()
    for start in range(0, len(sent), size):
        assert not reader.complete
        reader.feed(sent[start : start + size])
    assert reader.complete
    assert reader.reusable
    assert reader.reply().body == body


@_SETTINGS
@given(st.binary(max_size=50), st.binary(min_size=1, max_size=200).filter(lambda stray: stray.strip(b"\r\n")))
def test_a_connection_with_stray_bytes_is_not_used_again(body: bytes, stray: bytes) -> None:
    reader = ReplyReader()
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b%b" % (len(body), body, stray))
    assert reader.reply().body == body
    assert not reader.reusable


@_SETTINGS
@given(st.binary(max_size=200))
def test_bytes_without_a_status_line_never_make_a_reply(data: bytes) -> None:
    reader = ReplyReader()
    with suppress(UpstreamBroken):
        reader.feed(data)
    assert not reader.complete
