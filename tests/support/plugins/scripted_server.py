"""A server that gives each request the recorded answers of the same request, in their order."""

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
    """An ASGI application for both vendors; their paths do not collide."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.follow([])

    def follow(self, exchanges: Iterable[Sent]) -> None:
        """Forget everything received, and answer from now on as in ``exchanges``."""
        self.answers: dict[str, list[Sent]] = defaultdict(list)
        self.sent: list[Sent] = []
        for exchange in exchanges:
            self.answers[_key(exchange)].append(exchange)

    def wait_for_request(self, path: str, *, seconds: float) -> None:
        """Wait until a request to ``path`` arrives, and fail if none does."""
        with self._changed:
            assert self._changed.wait_for(lambda: path in {sent["path"] for sent in self.sent}, seconds), path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the last recorded answer to it is repeated."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        sent = await _parse_request(request)
        with self._changed:
            self.sent.append(sent)
            self._changed.notify_all()
        await self._answer(sent)(scope, receive, send)

    def _answer(self, sent: Sent) -> Response:
        if sent["path"].startswith("/v1/") and sent["path"].endswith("/services"):
            return self._enabled_apis(sent)
        recorded = self.answers.get(_key(sent))
        if not recorded:
            return Response(status_code=501)
        matching = [exchange for exchange in recorded if exchange["request_body"] == sent["request_body"]] or recorded
        exchange = matching[0]
        if len(recorded) > 1:
            recorded.remove(exchange)
        body = exchange["response_body"]
        headers = {"X-RateLimit-Reset": str(time.time()), **exchange.get("response_headers", {})}
        return Response(b"" if body is None else json.dumps(body).encode(), exchange["status"], headers)

    def _enabled_apis(self, sent: Sent) -> Response:
        """List the APIs enabled so far: the recording enabled several at once, the replay one after the other."""
        names = [entry["path"].rpartition("/")[2].removesuffix(":enable") for entry in self.sent]
        first, *_, last = [exchange["response_body"]["services"] for exchange in self.answers[_key(sent)] * 2]
        services = [entry for entry in last if entry in first or entry["config"]["name"] in names]
        return Response(json.dumps({"services": services}))


def recorded_request(exchange: Sent) -> Sent:
    """Return a recorded exchange with its request in the form in which this server keeps requests."""
    headers = exchange["request_headers"]
    body = exchange["request_body"]
    if is_object(body) and "form" in body:
        body = {"form": dict(parse_qsl(body["form"]))}
    return exchange | {
        "authorization": headers.get("authorization"),
        "content_type": headers.get("content-type", "").partition(";")[0] if body is not None else "",
        "request_body": body,
    }


async def _parse_request(request: Request) -> Sent:
    content = await request.body()
    kind = request.headers.get("content-type", "")
    return {
        "method": request.method,
        "path": request.url.path,
        "query": dict(request.query_params),
        "authorization": request.headers.get("authorization", "").partition(" ")[0],
        "content_type": kind.partition(";")[0] if content else "",
        "request_body": _parse_body(kind, content) if content else None,
    }


def _parse_body(kind: str, body: bytes) -> Any:  # noqa: ANN401  # JSON
    if kind.startswith("application/json"):
        return json.loads(body)
    if kind.startswith("application/x-www-form-urlencoded"):
        return {"form": dict(parse_qsl(body.decode()))}
    if kind.startswith("multipart/"):
        whole = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        return {"multipart": [_parse_part(part) for part in whole.walk() if not part.is_multipart()]}
    return {"bytes": len(body)}


def _parse_part(part: Message) -> Sent:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    kind = part.get_content_type()
    said = {"json": json.loads(content)} if kind == "application/json" else {"bytes": len(content)}
    return {"content_type": kind, **said}
