"""TikTok's reply, read as its bytes arrive, and refused where its end could be read in two ways."""

from dataclasses import dataclass, field
from http import HTTPStatus

import httptools

from proxy_app.errors import UpstreamBroken

_MAX_REPLY_BYTES = 64 * 1024
_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back, not yet judged; ``log_id`` is TikTok's ``x-tt-logid`` or empty."""

    status: int
    body: bytes = field(repr=False)
    log_id: str = ""


class ReplyReader:
    """One reply in the making: ``complete`` once it is whole, ``reusable`` if its connection may carry another.

    Refused are more than 64 KiB, head included; what httptools does not take (bare line feeds, folded headers, a length
    twice or beside chunks); every coding but chunks; and a body without a length unless the connection is said to end
    with it (RFC 9112 6.3). Interim replies (1xx) are passed over.
    """

    def __init__(self) -> None:
        """Wait for the first byte."""
        self._message = _Message()
        self._size = 0

    @property
    def complete(self) -> bool:
        """Whether the reply is whole."""
        return self._message.complete

    @property
    def reusable(self) -> bool:
        """Whether the reply is whole, nothing followed it, and the connection stays open."""
        return self._message.complete and self._message.keeps_alive and not self._message.followed

    def feed(self, data: bytes) -> None:
        """Take the next bytes; raises ``UpstreamBroken`` for a fault that comes before the reply is complete."""
        message = self._message
        self._size += len(data)
        try:
            message.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            message.followed = True
            if not message.complete:
                raise UpstreamBroken(message.refusal or "TikTok's answer is not HTTP as it should be.") from error
        if self._size > _MAX_REPLY_BYTES:
            raise UpstreamBroken("TikTok's answer is larger than 64 KiB.")

    def end(self) -> None:
        """Take the orderly end of the connection, which completes a reply that says so, and no other."""
        self._message.complete |= self._message.ends_with_connection

    def reply(self) -> Reply:
        """Return what was read, which is the reply once it is complete."""
        message = self._message
        log_id = message.headers.get(b"x-tt-logid", b"").decode("latin-1")
        return Reply(status=message.status, body=b"".join(message.body), log_id=log_id)


class _Message:
    """What the parser reports; names that begin with ``on_`` are httptools'."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body: list[bytes] = []
        self.refusal = ""
        self.keeps_alive = self.ends_with_connection = self.complete = self.followed = False

    def on_message_begin(self) -> None:
        # Never true of a blank line, which httptools passes over and which is nobody's answer.
        self.followed = self.complete
        self.headers = self.headers if self.complete else {}

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.status < HTTPStatus.OK:  # what comes later is a trailer, or another message
            earlier = self.headers.get(name := name.lower())
            self.headers[name] = value if earlier is None else earlier + b"," + value

    def on_headers_complete(self) -> None:
        if self.complete:
            return
        self.status = self.parser.get_status_code()
        self.keeps_alive = self.parser.should_keep_alive()
        if self.status >= HTTPStatus.OK and (refusal := self._refusal()):
            self.refusal = refusal
            raise UpstreamBroken(refusal)

    def on_body(self, body: bytes) -> None:
        if not self.complete:
            self.body.append(body)

    def on_message_complete(self) -> None:
        self.complete = self.status >= HTTPStatus.OK

    def _refusal(self) -> str:
        headers = self.headers
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            return "TikTok's answer is compressed, although that was declined."
        if headers.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
            return "TikTok's answer comes in a coding that is not known."
        if self.status in _WITHOUT_BODY or b"content-length" in headers or b"transfer-encoding" in headers:
            return ""
        said = headers.get(b"connection", b"").lower()
        self.ends_with_connection = b"close" in said or (self.parser.get_http_version() == "1.0" and not said)
        return "" if self.ends_with_connection else "TikTok's answer does not say where it ends."
