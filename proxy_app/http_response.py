"""TikTok's reply, read as its bytes arrive, and refused where its end could be read in two ways."""

from dataclasses import dataclass, field
from http import HTTPStatus

import httptools

from proxy_app.errors import Failure, ProxyError

_MAX_REPLY_BYTES = 64 * 1024
_FINAL = 200  # the statuses of interim replies are lower (RFC 9110 15.2)
_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


@dataclass(kw_only=True, slots=True)
class Reply:
    """What came back, not yet judged; ``log_id`` is TikTok's ``x-tt-logid`` or empty."""

    status: int
    body: bytes = field(repr=False)
    log_id: str = ""


class ReplyReader:
    """Reads one reply: ``complete`` once it is whole, ``reusable`` if its connection may carry another.

    Refused are: more than 64 KiB, head included; what httptools refuses (bare line feeds, folded headers, a length
    twice or beside chunks); every coding but chunks; a body without a length, unless the connection is said to end with
    it (RFC 9112 6.3); and bytes behind the reply, which may be somebody else's. Interim replies (1xx) are skipped.

    Names that begin with ``on_`` are httptools'.
    """

    def __init__(self) -> None:
        self.complete = False
        self._parser = httptools.HttpResponseParser(self)
        self._size = self._status = 0
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._keeps_alive = self._ends_with_connection = False

    @property
    def reusable(self) -> bool:
        """Whether the reply is whole and the connection stays open."""
        return self.complete and self._keeps_alive

    @property
    def reply(self) -> Reply:
        """What was read; the whole reply once it is complete."""
        log_id = self._headers.get(b"x-tt-logid", b"").decode("latin-1")
        return Reply(status=self._status, body=b"".join(self._body), log_id=log_id)

    def feed(self, data: bytes) -> None:
        """Take the next bytes; raises ``ProxyError`` for a reply that is refused."""
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            known = error.__context__
            raise known if isinstance(known, ProxyError) else _broken("TikTok's answer is not valid HTTP.") from error
        if self._size > _MAX_REPLY_BYTES:
            raise _broken("TikTok's answer is larger than 64 KiB.")

    def end(self) -> None:
        """Take the orderly end of the connection, which completes a reply that says so, and no other."""
        self.complete |= self._ends_with_connection

    def on_message_begin(self) -> None:
        if self.complete:
            raise _broken("TikTok's answer is followed by another one.")
        self._headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._status < _FINAL:  # later ones are trailers
            earlier = self._headers.get(name := name.lower())
            self._headers[name] = value if earlier is None else earlier + b"," + value

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        self._keeps_alive = self._parser.should_keep_alive()
        if self._status >= _FINAL:
            self._require_one_end()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self.complete = self._status >= _FINAL

    def _require_one_end(self) -> None:
        headers = self._headers
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise _broken("TikTok's answer is compressed, although that was declined.")
        if headers.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
            raise _broken("TikTok's answer comes in an unknown coding.")
        if self._status in _WITHOUT_BODY or b"content-length" in headers or b"transfer-encoding" in headers:
            return
        connection = headers.get(b"connection", b"").lower()
        self._ends_with_connection = b"close" in connection or (
            self._parser.get_http_version() == "1.0" and not connection
        )
        if not self._ends_with_connection:
            raise _broken("TikTok's answer does not say where it ends.")


def _broken(fact: str) -> ProxyError:
    return ProxyError(Failure.UpstreamBroken, fact)
