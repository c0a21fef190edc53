"""The token proxy as an application: three paths, and nothing kept between requests but connections to TikTok."""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TextIO

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy_app import __version__
from proxy_app.errors import ClientDisconnectedError, Failure, ProxyError
from proxy_app.logs import RequestRecord, describe_fault, write_request
from proxy_app.settings import Settings
from proxy_app.tiktok_client import TikTokClient
from proxy_app.token_request import authenticate, read_credentials, read_form
from proxy_app.translation import find_log_id, from_tiktok, read_answer, to_tiktok

# RFC 6749 5.1 and 5.2 ask for both, on errors as on tokens.
_UNCACHED = [(b"cache-control", b"no-store"), (b"pragma", b"no-cache"), (b"content-type", b"application/json")]
# Characters that RFC 6749 5.2 does not allow in an error_description.
_NOT_IN_DESCRIPTIONS = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
_MATCH: tuple[Match, Scope] = (Match.FULL, {})
_NO_MATCH: tuple[Match, Scope] = (Match.NONE, {})
# The status of a request whose client did not wait for the answer. It is never sent; nginx logs the same.
_CLIENT_DISCONNECTED = 499


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
            Endpoint("/proxy/token", partial(issue_token, settings=settings, tiktok=tiktok), "POST"),
            Endpoint("/health", health, "GET", "HEAD"),
            Endpoint("/", version, "GET", "HEAD"),
        ],
        # A redirect would be made from the Host header, and clients would post the secret there.
        redirect_slashes=False,
        default=refuse_path,
        lifespan=lifespan,
    )
    return RequestLogMiddleware(router, log)


async def issue_token(scope: Scope, receive: Receive, settings: Settings, tiktok: TikTokClient) -> Response:
    """Answer a token request (RFC 6749 4.1.3 and 6) with what TikTok answers to it."""
    record: RequestRecord = scope["state"]["record"]
    headers = Headers(scope=scope)
    form = read_form(headers, scope["query_string"], await _read_body(receive))
    credentials = read_credentials(headers, form)
    authenticate(credentials, settings.client_key, settings.secret_digests)
    asked = to_tiktok(form, credentials)
    begun = time.perf_counter_ns()
    try:
        reply = await tiktok.post(asked)
    finally:
        record.tiktok_ns = time.perf_counter_ns() - begun
    record.log_id = find_log_id({}, reply.log_id)
    answer = read_answer(reply.status, reply.body)
    record.log_id = find_log_id(answer, reply.log_id)
    token = from_tiktok(reply.status, answer, {**form, "client_secret": credentials.secret})
    record.outcome = "token issued"
    return UncachedJson(token)


async def _read_body(receive: Receive) -> bytes:
    """Read a whole body as Starlette's ``Request`` does, with less work (docs/architecture.md)."""
    body, is_more = b"", True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnectedError
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    return body


async def health(_scope: Scope, _receive: Receive) -> Response:
    """Say that requests are served; TikTok is not asked."""
    return UncachedJson({"status": "ok"})


async def version(_scope: Scope, _receive: Receive) -> Response:
    return UncachedJson({"name": "TikTok token proxy", "version": __version__, "token_endpoint": "/proxy/token"})


async def refuse_path(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ProxyError(Failure.NoSuchPath)


class Endpoint(BaseRoute):
    """The route of one path: it answers requests of some methods, and refuses all others.

    Errors go on to ``RequestLogMiddleware``, so Starlette's own middleware for them is not needed
    (docs/architecture.md).
    """

    def __init__(self, path: str, answer: Callable[[Scope, Receive], Awaitable[Response]], *methods: str) -> None:
        self._path = path
        self._answer = answer
        self._methods = methods

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return _MATCH if scope["path"] == self._path else _NO_MATCH

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in self._methods:
            raise ProxyError(Failure.WrongMethod, headers={"allow": ", ".join(self._methods)})
        response = await self._answer(scope, receive)
        await response(scope, receive, send)


class RequestLogMiddleware:
    """The outermost ASGI application: it writes one line for each request, and answers what nothing else answered.

    Those are failures, defects, and what the server refused (``state["refusal"]``).
    """

    def __init__(self, app: ASGIApp, log: TextIO) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, record = time.perf_counter_ns(), RequestRecord()
        scope.setdefault("state", {})["record"] = record

        def write(status: int) -> None:
            record.status = status
            write_request(self._log, scope, record, time.perf_counter_ns() - begun)

        async def send_and_record(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                write(message["status"])  # once the client has the whole answer, Cloud Run may freeze the process

        try:
            await self._serve(scope, receive, send_and_record, record)
        except ClientDisconnectedError:
            if not record.status:
                record.outcome = "ClientDisconnected"
                write(_CLIENT_DISCONNECTED)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, record: RequestRecord) -> None:
        error: BaseException | None = scope["state"].get("refusal")
        if not error:
            try:
                await self._app(scope, receive, send)
            except ClientDisconnectedError:
                raise
            except (Exception, asyncio.CancelledError) as raised:  # noqa: BLE001  # the last place to answer in JSON
                error = raised
        if error and not record.status:
            failed = _as_proxy_error(error)
            record.outcome = failed.failure.name
            record.fault = describe_fault(failed.__cause__) if failed.__cause__ else ""
            await error_response(failed)(scope, receive, send)


def _as_proxy_error(error: BaseException) -> ProxyError:
    if isinstance(error, ProxyError):
        return error
    failed = ProxyError(Failure.Stopping if isinstance(error, asyncio.CancelledError) else Failure.Unexpected)
    failed.__cause__ = error
    return failed


class UncachedJson(Response):
    """A JSON object in ASCII that no cache keeps."""

    def __init__(
        self, content: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(json.dumps(content).encode("ascii"), status, headers)

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        self.raw_headers = [*_UNCACHED, (b"content-length", str(len(self.body)).encode())]
        if headers:
            self.raw_headers += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def error_response(error: ProxyError) -> UncachedJson:
    """Write an error as RFC 6749 5.2 defines it."""
    description = _NOT_IN_DESCRIPTIONS.sub("'", error.description)
    content = {"error": error.failure.code, "error_description": description}
    return UncachedJson(content, error.failure.status, error.headers)
