"""The head of a request: its limits, and what is refused because servers read it in different ways."""

import re
from collections.abc import Mapping, Sequence

from proxy_app.errors import Failure, ProxyError

HEAD_BYTES = 16 * 1024
HEADERS = 64
BODY_BYTES = 8 * 1024
HEAD_END = re.compile(rb"\n\r?\n")
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)
# A name or an address, and perhaps a port (RFC 9110 7.2, RFC 3986 3.2).
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::[0-9]*)?")
_ONCE = (b"host", b"content-length", b"transfer-encoding")


def without_upgrade(head: bytes) -> bytes:
    """Leave ``Upgrade`` out, as a server may (RFC 9110 7.8); with it, llhttp does not read the body."""
    return _UPGRADE.sub(b"", head) if b"upgrade" in head.lower() else head


def find_refusal(
    method: bytes,
    target: bytes,
    version: str,
    headers: Sequence[tuple[bytes, bytes]],
    values: Mapping[bytes, bytes],
) -> ProxyError | None:
    """Return why a request is refused that llhttp takes, or None; ``values`` are the headers by their names."""
    if method == b"CONNECT" or version not in {"1.0", "1.1"}:
        return ProxyError(Failure.UnsafeRequest, "The request asks for another protocol.")
    if b"#" in target:
        return ProxyError(Failure.UnsafeRequest, "The address has a fragment.")
    if not _HOST.fullmatch(values.get(b"host", b"")):
        return ProxyError(Failure.UnsafeRequest, "The request does not name one Host.")
    coding, length = values.get(b"transfer-encoding"), values.get(b"content-length")
    # HTTP/1.0 has no chunks (RFC 9112 6.1).
    is_coded = coding is not None and (length is not None or version == "1.0" or coding.lower() != b"chunked")
    if is_coded or (len(values) < len(headers) and _has_duplicate(headers)):
        return ProxyError(
            Failure.UnsafeRequest, "The request does not say in one way who it is for and how long it is."
        )
    return ProxyError(Failure.BodyTooLarge) if length and int(length) > BODY_BYTES else None


def _has_duplicate(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    names = [name for name, _ in headers]
    return any(names.count(name) > 1 for name in _ONCE)
