"""A server that answers as recorded: each request the answers that the same request got, in their order."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from email.message import Message
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rehearsal.stand_in_plugins.properties import is_object

Sent = dict[str, Any]


def _key(sent: Sent) -> str:
    return json.dumps([sent["method"], sent["path"], sorted(sent["query"].items())])


class ScriptedServer:
    """An ASGI application for both vendors at once, whose paths do not collide."""

    def __init__(self) -> None:
        """Begin with nothing to say."""
        self._heard = threading.Condition()
        self.follow([])

    def follow(self, exchanges: Iterable[Sent]) -> None:
        """Forget everything, and answer from now on as in ``exchanges``."""
        self.answers: dict[str, list[Sent]] = defaultdict(list)
        self.sent: list[Sent] = []
        for exchange in exchanges:
            self.answers[_key(exchange)].append(exchange)

    def wait_for_request(self, path: str, *, seconds: float) -> None:
        """Wait until something was asked for at ``path``, and fail when nothing was."""
        with self._heard:
            assert self._heard.wait_for(lambda: path in {sent["path"] for sent in self.sent}, seconds), path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the last recorded answer to it stands for all that follow."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        sent = await _understood(request)
        with self._heard:
            self.sent.append(sent)
            self._heard.notify_all()
        await self._answer(sent)(scope, receive, send)

    def _answer(self, sent: Sent) -> Response:
        if sent["path"].startswith("/v1/") and sent["path"].endswith("/services"):
            return self._enabled(sent)
        recorded = self.answers.get(_key(sent))
        if not recorded:
            return Response(status_code=501)
        fitting = [exchange for exchange in recorded if exchange["request_body"] == sent["request_body"]] or recorded
        exchange = fitting[0]
        if len(recorded) > 1:
            recorded.remove(exchange)
        body = exchange["response_body"]
        headers = {"X-RateLimit-Reset": str(time.time()), **exchange.get("response_headers", {})}
        return Response(b"" if body is None else json.dumps(body).encode(), exchange["status"], headers)

    def _enabled(self, sent: Sent) -> Response:
        """List the APIs enabled by now: the recording enabled several at once, the replay one after the other."""
        names = [entry["path"].rpartition("/")[2].removesuffix(":enable") for entry in self.sent]
        first, *_, last = [exchange["response_body"]["services"] for exchange in self.answers[_key(sent)] * 2]
        services = [entry for entry in last if entry in first or entry["config"]["name"] in names]
        return Response(json.dumps({"services": services}))


def recorded_request(exchange: Sent) -> Sent:
    """Return what a recorded exchange says of its request, in the form of what is sent here."""
    headers = exchange["request_headers"]
    body = exchange["request_body"]
    if is_object(body) and "form" in body:
        body = {"form": dict(parse_qsl(body["form"]))}
    return exchange | {
        "authorization": headers.get("authorization"),
        "content_type": headers.get("content-type", "").partition(";")[0] if body is not None else "",
        "request_body": body,
    }


async def _understood(request: Request) -> Sent:
    content = await request.body()
    kind = request.headers.get("content-type", "")
    return {
        "method": request.method,
        "path": request.url.path,
        "query": dict(request.query_params),
        "authorization": request.headers.get("authorization", "").partition(" ")[0],
        "content_type": kind.partition(";")[0] if content else "",
        "request_body": _read(kind, content) if content else None,
    }


def _read(kind: str, body: bytes) -> Any:  # noqa: ANN401  # JSON
    if kind.startswith("application/json"):
        return json.loads(body)
    if kind.startswith("application/x-www-form-urlencoded"):
        return {"form": dict(parse_qsl(body.decode()))}
    if kind.startswith("multipart/"):
        whole = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        return {"multipart": [_part(part) for part in whole.walk() if not part.is_multipart()]}
    return {"bytes": len(body)}


def _part(part: Message) -> Sent:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    kind = part.get_content_type()
    said = {"json": json.loads(content)} if kind == "application/json" else {"bytes": len(content)}
    return {"content_type": kind, **said}
