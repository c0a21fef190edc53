"""Requests as raw bytes, and those that no server may read in two ways."""

from urllib.parse import urlencode

from tests.support.proxy.made_up import token_form

FORM_SENT = token_form()
BODY = urlencode(FORM_SENT).encode()
LENGTH = b"Content-Length: %d" % len(BODY)
FORM = b"Content-Type: application/x-www-form-urlencoded"
HOST = b"Host: proxy.example"
# What an attacker would like to see read as a request of its own.
SMUGGLED = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED_LENGTH = b"Content-Length: %d" % len(SMUGGLED)
CHUNKED = b"Transfer-Encoding: chunked"


def request(*headers: bytes, body: bytes = SMUGGLED, line: bytes = b"POST /proxy/token HTTP/1.1") -> bytes:
    """Return a request, by default one whose body looks like another."""
    return b"\r\n".join([line, *headers, b"", body])


MALFORMED = {
    "CONNECT": request(HOST, SMUGGLED_LENGTH, line=b"CONNECT /proxy/token HTTP/1.1"),
    "CONNECT to a host": request(HOST, line=b"CONNECT open.tiktokapis.com:443 HTTP/1.1"),
    "no Host": request(FORM, LENGTH, body=BODY),
    "no Host in HTTP/1.0": request(FORM, LENGTH, body=BODY, line=b"POST /proxy/token HTTP/1.0"),
    "an empty Host": request(b"Host:", FORM, LENGTH, body=BODY),
    "two Hosts": request(HOST, b"Host: other.example", FORM, LENGTH, body=BODY),
    "the same Host twice": request(HOST, HOST, FORM, LENGTH, body=BODY),
    "a Host that is none": request(b"Host: user@proxy.example", FORM, LENGTH, body=BODY),
    "a Host with a path": request(b"Host: proxy.example/x", FORM, LENGTH, body=BODY),
    "a Host with a blank": request(b"Host: proxy example", FORM, LENGTH, body=BODY),
    "a Host with a list": request(b"Host: proxy.example:80:80", FORM, LENGTH, body=BODY),
    "a fragment in the target": request(HOST, line=b"GET /health#x HTTP/1.1", body=b""),
    "chunks in HTTP/1.0": request(HOST, FORM, CHUNKED, body=b"0\r\n\r\n", line=b"POST /proxy/token HTTP/1.0"),
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "65 headers": request(HOST, FORM, LENGTH, *[b"X-%d: 1" % n for n in range(62)], body=BODY),
    "5,000 headers": request(HOST, FORM, LENGTH, *[b"X-%d: 1" % n for n in range(5000)], body=BODY),
    "16 KiB of headers": request(HOST, FORM, LENGTH, b"X: " + b"a" * 16384, body=BODY),
    "1 MiB of headers": request(HOST, FORM, LENGTH, b"X: " + b"a" * 1048576, body=BODY),
    "a length and chunks": request(HOST, FORM, LENGTH, CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
    "chunks and a length": request(HOST, FORM, CHUNKED, LENGTH, body=b"0\r\n\r\n" + SMUGGLED),
    "two lengths": request(HOST, FORM, b"Content-Length: 0", SMUGGLED_LENGTH),
    "the same length twice": request(HOST, FORM, LENGTH, LENGTH, body=BODY),
    "a list of lengths": request(HOST, FORM, b"Content-Length: 34, 34"),
    "a negative length": request(HOST, FORM, b"Content-Length: -1"),
    "a signed length": request(HOST, FORM, b"Content-Length: +34"),
    "a length in hex": request(HOST, FORM, b"Content-Length: 0x22"),
    "a length with a blank": request(HOST, FORM, b"Content-Length: 3 4"),
    "a length too long": request(HOST, FORM, b"Content-Length: 99999999999999999999999"),
    "an empty length": request(HOST, FORM, b"Content-Length:"),
    "chunks twice": request(HOST, FORM, CHUNKED, CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
    "gzip after chunks": request(HOST, FORM, b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n" + SMUGGLED),
    "gzip before chunks": request(HOST, FORM, b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "an unknown encoding": request(HOST, FORM, b"Transfer-Encoding: xchunked"),
    "the identity encoding": request(HOST, FORM, b"Transfer-Encoding: identity"),
    "an encoding after a tab": request(HOST, FORM, b"Transfer-Encoding:\x0bchunked"),
    "a chunk without a size": request(HOST, FORM, CHUNKED, body=b"\r\n" + SMUGGLED),
    "a chunk size that is no number": request(HOST, FORM, CHUNKED, body=b"zz\r\n" + SMUGGLED),
    "a negative chunk": request(HOST, FORM, CHUNKED, body=b"-1\r\n" + SMUGGLED),
    "a chunk size too large": request(HOST, FORM, CHUNKED, body=b"f" * 20 + b"\r\n" + SMUGGLED),
    "a chunk longer than its size": request(HOST, FORM, CHUNKED, body=b"1\r\n" + SMUGGLED),
    "a chunk ended by LF": request(HOST, FORM, CHUNKED, body=b"1\na\n0\n\n" + SMUGGLED),
    "a blank before a colon": request(HOST, FORM, b"Content-Length : 34"),
    "a folded header": request(HOST, FORM, b"X: a\r\n b", LENGTH, body=BODY),
    "a header without a colon": request(HOST, FORM, b"nonsense", LENGTH, body=BODY),
    "a header without a name": request(HOST, FORM, b": x", LENGTH, body=BODY),
    "a NUL in a header": request(HOST, FORM, b"X: a\x00b", LENGTH, body=BODY),
    "a bare CR in a header": request(HOST, FORM, b"X: a\rContent-Length: 0", LENGTH, body=BODY),
    "lines ended by LF": request(HOST, FORM, SMUGGLED_LENGTH).replace(b"\r\n", b"\n"),
    "no method": request(HOST, LENGTH, line=b" /proxy/token HTTP/1.1"),
    "an unknown method": request(HOST, FORM, SMUGGLED_LENGTH, line=b"STEAL /proxy/token HTTP/1.1"),
    "no version": request(HOST, FORM, SMUGGLED_LENGTH, line=b"POST /proxy/token"),
    "version 2": request(HOST, FORM, SMUGGLED_LENGTH, line=b"POST /proxy/token HTTP/2.0"),
    "version 9.9": request(HOST, FORM, SMUGGLED_LENGTH, line=b"POST /proxy/token HTTP/9.9"),
    "a blank in the path": request(HOST, LENGTH, line=b"POST /proxy /token HTTP/1.1"),
    "a NUL in the path": request(HOST, LENGTH, line=b"POST /proxy/token\x00 HTTP/1.1"),
    "a path that is not ASCII": request(HOST, LENGTH, line=b"POST /proxy/t\xc3\xb6ken HTTP/1.1"),
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a handshake of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "noise": bytes(range(256)) * 4,
    "a body too large": request(HOST, FORM, b"Content-Length: 9000", body=b"a" * 9000),
    "a body of 1.5 MiB": request(HOST, FORM, b"Content-Length: 1500000", body=b"a" * 1500000),
    "chunks too large": request(HOST, FORM, CHUNKED, body=(b"800\r\n" + b"a" * 2048 + b"\r\n") * 5 + b"0\r\n\r\n"),
    "trailers without end": request(HOST, FORM, CHUNKED, body=b"0\r\n" + b"X: aaaaaaaa\r\n" * 10000),
    "chunks of one byte without end": request(HOST, FORM, CHUNKED, body=b"1;aaaaaaaaaaaaaaaa\r\na\r\n" * 5000),
}
