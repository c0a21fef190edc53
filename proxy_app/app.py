"""The token proxy as an application: three paths, and nothing kept between requests but connections to TikTok."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TextIO, cast

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from proxy_app import __version__
from proxy_app.errors import METHOD_NOT_ALLOWED, PATH_NOT_FOUND, UNEXPECTED, ProxyError
from proxy_app.http_response import Reply
from proxy_app.logs import RequestLogMiddleware, record_of
from proxy_app.responses import UncachedJson, error_response
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
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        await tiktok.close()

    app = Starlette(
        routes=[
            Route("/proxy/token", issue_token, methods=["POST"]),
            Route("/health", health),
            Route("/", version),
        ],
        exception_handlers={ProxyError: answer_failure, HTTPException: answer_unrouted, Exception: answer_defect},
        lifespan=lifespan,
    )
    app.state.settings, app.state.tiktok = settings, tiktok
    # A redirect would be made from the Host header, and clients would post the secret there.
    app.router.redirect_slashes = False
    return RequestLogMiddleware(app, log)


async def issue_token(request: Request) -> Response:
    """Answer a token request (RFC 6749 4.1.3 and 6) with what TikTok answers to it."""
    settings: Settings = request.app.state.settings
    record = record_of(request.scope)
    form = read_form(request.headers, request.scope["query_string"], await request.body())
    credentials = read_credentials(request.headers, form)
    authenticate(credentials, settings.client_key, settings.secret_digests)
    reply = await _ask_tiktok(request, to_tiktok(form, credentials))
    answer = read_answer(reply.status, reply.body)
    record.log_id = find_log_id(answer, reply.log_id)
    token = from_tiktok(reply.status, answer, {**form, "client_secret": credentials.secret})
    record.outcome = "token issued"
    return UncachedJson(token)


async def _ask_tiktok(request: Request, form: bytes) -> Reply:
    client: TikTokClient = request.app.state.tiktok
    record = record_of(request.scope)
    begun = time.perf_counter()
    try:
        reply = await client.post(form)
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


async def answer_failure(request: Request, error: Exception) -> Response:
    """Answer a request that failed in a known way."""
    failure = cast("ProxyError", error)  # Starlette finds handlers by class
    record_of(request.scope).fail(failure)
    return error_response(failure)


async def answer_unrouted(request: Request, error: Exception) -> Response:
    """Answer a request that no route takes; Starlette's error names the methods that the path takes."""
    methods = sorted(Headers(getattr(error, "headers", None)).get("allow", "").split(", "))
    failure = ProxyError(METHOD_NOT_ALLOWED if methods != [""] else PATH_NOT_FOUND)
    record_of(request.scope).fail(failure)
    return error_response(failure, {"allow": ", ".join(methods)} if methods != [""] else None)


async def answer_defect(request: Request, error: Exception) -> Response:
    """Answer a request that met a defect of the proxy."""
    return await answer_failure(request, ProxyError.caused_by(error, UNEXPECTED))
