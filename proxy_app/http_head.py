"""The head of a request: its limits, and what is refused because servers read it in different ways."""

import re
from collections.abc import Sequence

from proxy_app.errors import BODY_TOO_LARGE, MALFORMED_HTTP, ProxyError

HEAD_BYTES = 16 * 1024
HEADERS = 64
BODY_BYTES = 8 * 1024
HEAD_END = re.compile(rb"\n\r?\n")
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)
# A name or an address, and perhaps a port (RFC 9110 7.2, RFC 3986 3.2).
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::[0-9]*)?")

Headers = Sequence[tuple[bytes, bytes]]


def without_upgrade(head: bytes) -> bytes:
    """Leave ``Upgrade`` out, as a server may (RFC 9110 7.8); with it, llhttp does not read the body."""
    return _UPGRADE.sub(b"", head) if b"upgrade" in head.lower() else head


def find_refusal(method: bytes, target: bytes, version: str, headers: Headers) -> ProxyError | None:
    """Return why a request is refused that llhttp takes, or None."""
    if method == b"CONNECT" or version not in {"1.0", "1.1"}:
        return ProxyError(MALFORMED_HTTP, "The request asks for another protocol.")
    if b"#" in target:
        return ProxyError(MALFORMED_HTTP, "The address has a fragment.")
    names = [name for name, _ in headers]
    values = dict(headers)
    if names.count(b"host") != 1 or not _HOST.fullmatch(values[b"host"]):
        return ProxyError(MALFORMED_HTTP, "The request does not name one Host.")
    coding = values.get(b"transfer-encoding")
    # HTTP/1.0 has no chunks (RFC 9112 6.1).
    is_coded = coding is not None and (coding.lower() != b"chunked" or version == "1.0")
    if is_coded or names.count(b"content-length") + names.count(b"transfer-encoding") > 1:
        return ProxyError(MALFORMED_HTTP, "The request does not say in one way how long its body is.")
    if int(values.get(b"content-length", b"0")) > BODY_BYTES:
        return ProxyError(BODY_TOO_LARGE)
    return None


def body_length(headers: Headers) -> int | None:
    """Return the length of the body in bytes, or None for a body in chunks."""
    values = dict(headers)
    return None if b"transfer-encoding" in values else int(values.get(b"content-length", b"0"))
