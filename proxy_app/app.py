"""The token proxy as an application: three paths, and nothing kept between requests."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypedDict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy_app import __version__
from proxy_app.credentials import authenticate, read_credentials
from proxy_app.errors import NoSuchPath, WrongMethod
from proxy_app.exchange import from_tiktok, log_id, read_answer, to_tiktok
from proxy_app.form import read_form
from proxy_app.guard import Guard
from proxy_app.logs import Logged, Note
from proxy_app.replies import UncachedJson, refusal
from proxy_app.settings import Settings
from proxy_app.upstream import Reply, Upstream


class State(TypedDict):
    """What a request may reach for."""

    settings: Settings
    upstream: Upstream
    note: Note


def create_app(settings: Settings, upstream: Upstream | None = None) -> Starlette:
    """Build the proxy that ``settings`` describe, before ``upstream`` or a new one, which is closed in the end.

    Raises ``OSError`` where SSL_CERT_FILE cannot be read.
    """
    tiktok = upstream or Upstream(settings.token_url, settings.deadline_seconds)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[dict[str, object]]:
        yield {"settings": settings, "upstream": tiktok}
        await tiktok.close()

    app = Starlette(
        routes=[
            Route("/proxy/token", issue_token, methods=["POST"]),
            Route("/health", tell_health),
            Route("/", tell_version),
        ],
        middleware=[Middleware(Logged), Middleware(Guard)],
        exception_handlers={HTTPException: refuse_route},
        lifespan=lifespan,
    )
    # A redirect would be made from the Host header, and clients would post the secret there.
    app.router.redirect_slashes = False
    return app


async def issue_token(request: Request[State]) -> Response:
    """Answer a token request (RFC 6749 4.1.3 and 6) with what TikTok says to it."""
    settings, note = request.state["settings"], request.state["note"]
    form = read_form(request.headers, request.scope["query_string"], await request.body())
    credentials = read_credentials(request.headers, form)
    authenticate(credentials, settings.client_key, settings.secret_digests)
    reply = await _ask(request.state["upstream"], to_tiktok(form, credentials), note)
    answer = read_answer(reply.status, reply.body)
    note.log_id = log_id(answer, reply.log_id)
    token = from_tiktok(reply.status, answer, {**form, "client_secret": credentials.secret})
    note.outcome = "token issued"
    return UncachedJson(token)


async def tell_health(_: Request[State]) -> Response:
    """Say that requests are served; TikTok is not asked."""
    return UncachedJson({"status": "ok"})


async def tell_version(_: Request[State]) -> Response:
    """Say what this is."""
    return UncachedJson({"name": "TikTok token proxy", "version": __version__, "token_endpoint": "/proxy/token"})


async def refuse_route(request: Request, error: Exception) -> Response:
    """Answer a path or a method that is not served in JSON too."""
    allow = (error.headers or {}).get("Allow") if isinstance(error, HTTPException) else None
    refused = WrongMethod() if allow else NoSuchPath()
    request.state.note.outcome = type(refused).__name__
    return refusal(refused, {"allow": ", ".join(sorted(allow.split(", ")))} if allow else None)


async def _ask(upstream: Upstream, question: bytes, note: Note) -> Reply:
    begun = time.perf_counter()
    try:
        reply = await upstream.post(question)
    finally:
        note.tiktok_seconds = time.perf_counter() - begun
    note.log_id = log_id({}, reply.log_id)
    return reply
