"""The application on another ASGI server than its own, which may hand a body over in parts."""

import asyncio
import io
import json
from urllib.parse import urlencode

from starlette.types import Message

from proxy_app.app import create_app
from proxy_app.settings import Settings
from tests.support.proxy.local_proxy import digest
from tests.support.proxy.made_up import CLIENT_KEY, CLIENT_SECRET, token_form
from tests.support.proxy.scripted_tiktok import ScriptedTikTok

_BODY = urlencode(token_form()).encode()
_HALF = {"type": "http.request", "body": _BODY[:20], "more_body": True}
_REST = {"type": "http.request", "body": _BODY[20:]}


def served(tiktok: ScriptedTikTok, *messages: Message) -> tuple[list[Message], str]:
    """Give the application a request in these messages; return what it sent, and the outcome in its log."""
    log, sent, coming = io.StringIO(), list[Message](), list(messages)
    settings = Settings(client_key=CLIENT_KEY, secret_digests=(digest(CLIENT_SECRET),), token_url=tiktok.url)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/proxy/token",
        "query_string": b"",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
    }

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    async def serve() -> None:
        await create_app(settings, log)(scope, receive, send)

    asyncio.run(serve())
    return sent, json.loads(log.getvalue())["outcome"]


def test_a_body_in_parts_is_read_whole(tiktok: ScriptedTikTok) -> None:
    [start, _], outcome = served(tiktok, _HALF, _REST)

    assert (start["status"], outcome) == (200, "token issued")


def test_a_client_that_leaves_is_not_answered_and_tiktok_not_asked(tiktok: ScriptedTikTok) -> None:
    sent, outcome = served(tiktok, _HALF, {"type": "http.disconnect"})

    assert (sent, outcome) == ([], "ClientDisconnected")
    assert tiktok.received == []
