"""A server that answers as recorded: each request the answers that the same request got, in their order."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

Sent = dict[str, Any]
Key = tuple[str, str, str]


def key(method: str, path: str, query: dict[str, str]) -> Key:
    """Name a request by what is in its first line."""
    return method, path, json.dumps(query, sort_keys=True)


@dataclass
class Script:
    """What is to be answered, and what was asked; one for both vendors, whose paths do not collide."""

    answers: dict[Key, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    sent: list[Sent] = field(default_factory=list[Sent])
    unforeseen: list[Sent] = field(default_factory=list[Sent])

    def follow(self, exchanges: Iterable[Sent]) -> None:
        """Forget everything, and answer from now on as in ``exchanges``."""
        self.answers.clear()
        self.sent, self.unforeseen = [], []
        for exchange in exchanges:
            self.answers[key(exchange["method"], exchange["path"], exchange["query"])].append(exchange)

    def answer(self, sent: Sent) -> Response:
        """Answer one request; the last recorded answer stands for all that follow."""
        self.sent.append(sent)
        recorded = self.answers.get(key(sent["method"], sent["path"], sent["query"]))
        if not recorded:
            self.unforeseen.append(sent)
            return Response(status_code=404)
        exchange = self._next(recorded, sent)
        body = exchange["response_body"]
        headers = {**exchange.get("response_headers", {}), "X-RateLimit-Reset": str(time.time() + 0.01)}
        content = b"" if body is None else json.dumps(body).encode()
        return Response(content, exchange["status"], headers, media_type="application/json")

    def _next(self, recorded: list[Sent], sent: Sent) -> Sent:
        fitting = [exchange for exchange in recorded if exchange["request_body"] == sent["request_body"]] or recorded
        exchange = fitting[0]
        if len(recorded) > 1:
            recorded.remove(exchange)
        return exchange


class ScriptedServer:
    """The ASGI application that plays a script."""

    def __init__(self) -> None:
        """Begin with an empty script."""
        self.script = Script()
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401  # ASGI's own dictionaries
        """Serve one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        sent = {
            "method": request.method,
            "path": request.url.path,
            "query": dict(request.query_params),
            "request_body": understood(request.headers.get("content-type", ""), await request.body()),
        }
        await self.script.answer(sent)(scope, receive, send)


def understood(kind: str, body: bytes) -> Any:  # noqa: ANN401  # whatever JSON can say
    """Return a request's body the way the recordings write it."""
    if not body:
        return None
    if kind.startswith("application/json"):
        return json.loads(body)
    if kind.startswith("application/x-www-form-urlencoded"):
        return {"form": dict(parse_qsl(body.decode()))}
    if kind.startswith("multipart/"):
        whole = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        return {"multipart": [_part(part) for part in whole.get_payload()]}
    return {"bytes": len(body)}


def _part(part: Any) -> Sent:  # noqa: ANN401  # email.message is half typed
    if part.get_content_type() == "application/json":
        return {"content_type": "application/json", "json": json.loads(part.get_payload())}
    return {"content_type": part.get_content_type(), "bytes": len(part.get_payload(decode=True))}
