"""A request, read as its bytes arrive: bounded before it is parsed, and refused where servers read it differently."""

import re
from typing import Any
from urllib.parse import unquote

import httptools

from proxy_app.errors import Failure, ProxyError

HEAD_BYTES = 16 * 1024
HEADERS = 64
BODY_BYTES = 8 * 1024
_CHUNKED_BYTES = 64 * 1024  # a body in chunks, with their sizes and the trailers
_HEAD_END = re.compile(rb"\n\r?\n")
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)
# A name or an address, and perhaps a port (RFC 9110 7.2, RFC 3986 3.2).
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::[0-9]*)?")
_ONCE = (b"host", b"content-length", b"transfer-encoding")


class RequestReader:
    """Reads one request after another from a connection.

    A head is collected up to its limits, and only then parsed. The parser never gets a byte from behind the end of a
    request. Trailers are dropped (RFC 9110 6.5.1), and so is ``Upgrade``, as a server may (RFC 9110 7.8).

    ``is_begun`` and ``in_body`` say how far the request has come, ``is_complete`` that it is whole. Methods that begin
    with ``on_`` are httptools'.
    """

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._head = b""
        self._begin()

    def _begin(self) -> None:
        self.method = self.path = ""
        self.version, self.query = "1.1", b""
        self.in_body = self.is_complete = self.keeps_alive = self.expects_continue = False
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._length: int | None = 0  # None for a body in chunks
        self._received = self._body_size = 0

    @property
    def is_begun(self) -> bool:
        """Whether a part of a head is there."""
        return bool(self._head)

    @property
    def body(self) -> bytes:
        """The body, as far as it has come."""
        return b"".join(self._body)

    def scope(self) -> dict[str, Any]:
        """Return the request's ASGI scope; if its head could not be parsed, method and path are empty."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": self.version,
            "method": self.method,
            "path": self.path,
            "query_string": self.query,
            "headers": self._headers,
        }

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes, and return those behind the request; raises ``ProxyError`` for one that is refused."""
        if not self.in_body:
            data = self._read_head(data)
        return self._read_body(data) if self.in_body else data

    def _read_head(self, data: bytes) -> bytes:
        if not self._head:
            self._begin()
            data = data.lstrip(b"\r\n")  # empty lines may come before a request (RFC 9112 2.2)
        searched = max(len(self._head) - 2, 0)
        self._head += data
        head, end = self._head, _HEAD_END.search(self._head, searched)
        size = end.end() if end else len(head)
        if head and not head[:1].isupper():  # every method begins so, and TLS does not
            raise ProxyError(Failure.UnsafeRequest)
        if size > HEAD_BYTES or head.count(b"\n", 0, size) > HEADERS + 2:
            raise ProxyError(Failure.HeadTooLarge)
        if not end:
            return b""
        self._head = b""
        # llhttp would not read the body of a request with Upgrade.
        self._parse(_UPGRADE.sub(b"", head[:size]))
        if not (self.in_body or self.is_complete):
            raise ProxyError(Failure.UnsafeRequest)
        return head[size:]

    def _read_body(self, data: bytes) -> bytes:
        start = 0
        while start < len(data) and self.in_body:
            # No part is longer than the body: one in chunks ends with a line end.
            end = data.find(b"\n", start) + 1 if self._length is None else start + self._length - self._received
            part = data[start : end or None]
            self._received += len(part)
            if self._received > _CHUNKED_BYTES:
                raise ProxyError(Failure.BodyTooLarge)
            self._parse(part)
            start += len(part)
        return data[start:]

    def _parse(self, part: bytes) -> None:
        try:
            self._parser.feed_data(part)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            known = error.__context__
            raise known if isinstance(known, ProxyError) else ProxyError(Failure.UnsafeRequest) from None

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_body:  # later ones are trailers
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.method, self.version = self._parser.get_method().decode("ascii"), self._parser.get_http_version()
        path, _, self.query = self._url.partition(b"?")
        if not path.startswith(b"/"):  # a whole address (RFC 9112 3.2.2)
            path = httptools.parse_url(path).path
        self.path = unquote(path.decode("ascii"))
        self.keeps_alive = self.version != "1.0" and self._parser.should_keep_alive()
        headers = dict(self._headers)
        self._require_one_meaning(headers)
        self._length = None if b"transfer-encoding" in headers else int(headers.get(b"content-length", b"0"))
        if (self._length or 0) > BODY_BYTES:
            raise ProxyError(Failure.BodyTooLarge)
        self.expects_continue = self.version == "1.1" and headers.get(b"expect", b"").lower() == b"100-continue"
        self.in_body = True

    def _require_one_meaning(self, headers: dict[bytes, bytes]) -> None:
        """Refuse what llhttp takes although other servers would read it differently, or as another protocol."""
        if self.method == "CONNECT" or self.version not in {"1.0", "1.1"}:
            raise ProxyError(Failure.UnsafeRequest, "The request asks for another protocol.")
        if self._url.find(b"#") >= 0:
            raise ProxyError(Failure.UnsafeRequest, "The address has a fragment.")
        if not _HOST.fullmatch(headers.get(b"host", b"")):
            raise ProxyError(Failure.UnsafeRequest, "The request does not name one Host.")
        coding = headers.get(b"transfer-encoding")
        # HTTP/1.0 has no chunks (RFC 9112 6.1).
        is_coded = coding is not None and (
            b"content-length" in headers or self.version == "1.0" or coding.lower() != b"chunked"
        )
        names = [name for name, _ in self._headers]
        if is_coded or (len(headers) < len(names) and any(names.count(name) > 1 for name in _ONCE)):
            raise ProxyError(
                Failure.UnsafeRequest, "The request does not say in one way who it is for and how long it is."
            )

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > BODY_BYTES:
            raise ProxyError(Failure.BodyTooLarge)
        self._body.append(body)

    def on_message_complete(self) -> None:
        self.in_body, self.is_complete = False, True
