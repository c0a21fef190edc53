"""The token proxy as an application: three paths, and nothing kept between requests but connections to TikTok."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TextIO

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy_app import __version__
from proxy_app.errors import Failure, ProxyError
from proxy_app.http_response import Reply
from proxy_app.logs import RequestLogMiddleware, RequestRecord, record_of
from proxy_app.responses import UncachedJson
from proxy_app.settings import Settings
from proxy_app.tiktok_client import TikTokClient
from proxy_app.token_request import authenticate, read_credentials, read_form
from proxy_app.translation import find_log_id, from_tiktok, read_answer, to_tiktok


def create_app(settings: Settings, log: TextIO, client: TikTokClient | None = None) -> ASGIApp:
    """Build the proxy; ``client``, or a new one, is closed when the application ends.

    Each request leaves a line in ``log``. Raises ``OSError`` if SSL_CERT_FILE cannot be read.
    """
    tiktok = client or TikTokClient(settings.token_url, settings.deadline_seconds)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncGenerator[None]:
        yield
        await tiktok.close()

    router = Router(
        routes=[
            Route("/proxy/token", Endpoint(partial(issue_token, settings=settings, tiktok=tiktok), "POST")),
            Route("/health", Endpoint(health, "GET", "HEAD")),
            Route("/", Endpoint(version, "GET", "HEAD")),
        ],
        # A redirect would be made from the Host header, and clients would post the secret there.
        redirect_slashes=False,
        default=refuse_path,
        lifespan=lifespan,
    )
    return RequestLogMiddleware(router, log)


class Endpoint:
    """A route's ASGI application: it answers requests of some methods, and refuses all others.

    Errors go on to ``RequestLogMiddleware``, so Starlette's own middleware for them is not needed
    (docs/architecture.md).
    """

    def __init__(self, answer: Callable[[Request], Awaitable[Response]], *methods: str) -> None:
        self._answer = answer
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in self._methods:
            raise ProxyError(Failure.WrongMethod, headers={"allow": ", ".join(self._methods)})
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)


async def issue_token(request: Request, settings: Settings, tiktok: TikTokClient) -> Response:
    """Answer a token request (RFC 6749 4.1.3 and 6) with what TikTok answers to it."""
    record = record_of(request.scope)
    form = read_form(request.headers, request.scope["query_string"], await request.body())
    credentials = read_credentials(request.headers, form)
    authenticate(credentials, settings.client_key, settings.secret_digests)
    reply = await _ask_tiktok(tiktok, to_tiktok(form, credentials), record)
    answer = read_answer(reply.status, reply.body)
    record.log_id = find_log_id(answer, reply.log_id)
    token = from_tiktok(reply.status, answer, {**form, "client_secret": credentials.secret})
    record.outcome = "token issued"
    return UncachedJson(token)


async def _ask_tiktok(tiktok: TikTokClient, form: bytes, record: RequestRecord) -> Reply:
    begun = time.perf_counter()
    try:
        reply = await tiktok.post(form)
    finally:
        record.tiktok_seconds = time.perf_counter() - begun
    record.log_id = find_log_id({}, reply.log_id)
    return reply


async def health(_: Request) -> Response:
    """Say that requests are served; TikTok is not asked."""
    return UncachedJson({"status": "ok"})


async def version(_: Request) -> Response:
    """Say what this is."""
    return UncachedJson({"name": "TikTok token proxy", "version": __version__, "token_endpoint": "/proxy/token"})


async def refuse_path(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Refuse a request that no route takes."""
    raise ProxyError(Failure.NoSuchPath)
