"""The least that a token proxy can be: two protocols on httptools, with no framework, log, authentication or limits.

Do not deploy this. It shows the lower limit.
"""

import asyncio
import json
import os
import ssl
from typing import ClassVar, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import httptools
import uvloop

_TIKTOK = urlsplit(os.environ["TIKTOK_TOKEN_URL"])
_ADDRESS = (_TIKTOK.hostname or "", _TIKTOK.port or 443)
_TLS = ssl.create_default_context()
_QUESTION = (
    f"POST {_TIKTOK.path} HTTP/1.1\r\nHost: {_TIKTOK.netloc}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
)
_ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
_REFUSAL = "HTTP/1.1 400 Bad Request\r\n"


class _Speaker(asyncio.Protocol):
    """Hands each whole body to ``on_whole``."""

    transport: asyncio.Transport
    parser: httptools.HttpRequestParser | httptools.HttpResponseParser
    body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        body, self.body = self.body, b""
        self.on_whole(body)

    def on_whole(self, body: bytes) -> None:
        raise NotImplementedError

    def say(self, head: str, body: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


class _Upstream(_Speaker):
    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.answer: asyncio.Future[bytes] | None = None

    def on_whole(self, body: bytes) -> None:
        if self.answer is not None:
            self.answer.set_result(body)


class _Proxy(_Speaker):
    idle: ClassVar[list[_Upstream]] = []

    def __init__(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.tasks: set[asyncio.Task[None]] = set()

    def on_whole(self, body: bytes) -> None:
        task = asyncio.ensure_future(self.translate(body))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def translate(self, body: bytes) -> None:
        form = dict(parse_qsl(body.decode()))
        if "client_id" not in form:
            self.say(_REFUSAL, b"")
            return
        form["client_key"] = form.pop("client_id")
        answer = json.loads(await self.ask(urlencode(form).encode()))
        answer["scope"] = answer["scope"].replace(",", " ")
        self.say(_ANSWER, json.dumps(answer).encode())

    async def ask(self, question: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        if self.idle:
            upstream = self.idle.pop()
        else:
            _, upstream = await loop.create_connection(_Upstream, *_ADDRESS, ssl=_TLS)
        upstream.answer = loop.create_future()
        upstream.say(_QUESTION, question)
        answer = await upstream.answer
        self.idle.append(upstream)
        return answer


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Proxy, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()


uvloop.run(_serve())
