"""The token proxy as an application: three paths, and nothing kept between requests."""

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
from proxy_app.credentials import authenticate, read_credentials
from proxy_app.errors import NoSuchPath, WrongMethod
from proxy_app.logs import Logged, Note, note_of
from proxy_app.middleware import Guard, body_of
from proxy_app.responses import UncachedJson, refusal
from proxy_app.settings import Settings
from proxy_app.tiktok_client import Reply, Upstream
from proxy_app.token_request import read_form
from proxy_app.translation import from_tiktok, log_id, read_answer, to_tiktok


def create_app(settings: Settings, log: TextIO, upstream: Upstream | None = None) -> ASGIApp:
    """Build the proxy that ``settings`` describe, before ``upstream`` or a new one, which is closed in the end.

    Each request leaves a line in ``log``. Raises ``OSError`` where SSL_CERT_FILE cannot be read.
    """
    tiktok = upstream or Upstream(settings.token_url, settings.deadline_seconds)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncGenerator[None]:
        yield
        await tiktok.close()

    # A router alone, and endpoints that are applications: whatever is raised ends in ``Logged``, and Starlette's own
    # four places to catch it would take a tenth of the time of a request.
    router = Router(
        routes=[
            Route("/proxy/token", Endpoint(partial(issue_token, settings=settings, upstream=tiktok), "POST")),
            Route("/health", Endpoint(tell_health, "GET", "HEAD")),
            Route("/", Endpoint(tell_version, "GET", "HEAD")),
        ],
        # A redirect would be made from the Host header, and clients would post the secret there.
        redirect_slashes=False,
        default=refuse_path,
        lifespan=lifespan,
    )
    return Logged(Guard(router), log)


class Endpoint:
    """An ASGI application that answers requests of some methods, and says which to all others."""

    def __init__(self, answer: Callable[[Request], Awaitable[Response]], *methods: str) -> None:
        """Let ``answer`` see what comes by one of ``methods``."""
        self._answer = answer
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] in self._methods:
            response = await self._answer(Request(scope, receive))
        else:
            note_of(scope).outcome = WrongMethod.__name__
            response = refusal(WrongMethod(), {"allow": ", ".join(self._methods)})
        await response(scope, receive, send)


async def issue_token(request: Request, settings: Settings, upstream: Upstream) -> Response:
    """Answer a token request (RFC 6749 4.1.3 and 6) with what TikTok says to it."""
    note = note_of(request.scope)
    form = read_form(request.headers, request.scope["query_string"], await body_of(request))
    credentials = read_credentials(request.headers, form)
    authenticate(credentials, settings.client_key, settings.secret_digests)
    reply = await _ask(upstream, to_tiktok(form, credentials), note)
    answer = read_answer(reply.status, reply.body)
    note.log_id = log_id(answer, reply.log_id)
    token = from_tiktok(reply.status, answer, {**form, "client_secret": credentials.secret})
    note.outcome = "token issued"
    return UncachedJson(token)


async def tell_health(_: Request) -> Response:
    """Say that requests are served; TikTok is not asked."""
    return UncachedJson({"status": "ok"})


async def tell_version(_: Request) -> Response:
    """Say what this is."""
    return UncachedJson({"name": "TikTok token proxy", "version": __version__, "token_endpoint": "/proxy/token"})


async def refuse_path(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Refuse what no route takes."""
    raise NoSuchPath


async def _ask(upstream: Upstream, question: bytes, note: Note) -> Reply:
    begun = time.perf_counter()
    try:
        reply = await upstream.post(question)
    finally:
        note.tiktok_seconds = time.perf_counter() - begun
    note.log_id = log_id({}, reply.log_id)
    return reply
