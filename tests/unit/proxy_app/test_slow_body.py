"""A body that does not come to its end in time."""

import socket
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse

from emulators.kit.serving import serving
from proxy_app.logs import Logged
from proxy_app.middleware import Guard
from tests.support.proxy.local_proxy import LOG


def test_a_slow_body_is_refused_and_its_connection_closed() -> None:
    app = Logged(Guard(PlainTextResponse("reached"), body_seconds=0.2), LOG)
    with serving(app) as origin:
        parts = urlsplit(origin)
        with socket.create_connection((parts.hostname, parts.port), timeout=8) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\ncode=")
            answered = b""
            while more := connection.recv(65536):
                answered += more

    assert answered.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nconnection: close\r\n" in answered
    assert b"did not arrive in time" in answered
