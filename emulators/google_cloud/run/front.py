"""Google's front end, which forwards requests to the containers of a service."""

import re
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus

import anyio
import httpx2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from emulators.google_cloud.run.instance import Instance
from emulators.google_cloud.run.revision import RevisionFailedError
from emulators.google_cloud.run.service import Service

_NEVER_ARRIVE = {"TRACE", "CONNECT"}
# Google reserves some paths that end in z and advises against all: https://docs.cloud.google.com/run/docs/known-issues
_RESERVED = re.compile(r"/eventlog|/_ah/.*|.*z")
_UNRESERVED = re.compile(rb"%(2[DdEe]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9AaEe])")
_HOP_BY_HOP = {b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"date", b"server"}


def _page(status: HTTPStatus, sentence: str) -> Response:
    page = f"<html><title>{status} {status.phrase}</title><h1>Error: {status.phrase}</h1><h2>{sentence}</h2></html>\n"
    return HTMLResponse(page, status, headers={"server": "Google Frontend"})


def _unavailable() -> Response:
    return _page(HTTPStatus.SERVICE_UNAVAILABLE, "The service you requested is not available yet.")


def _refuse(service: Service, request: Request) -> Response | None:
    if request.method in _NEVER_ARRIVE:
        return _page(HTTPStatus.METHOD_NOT_ALLOWED, "The request method is inappropriate for the URL.")
    if _RESERVED.fullmatch(request.url.path) or not service.reachable:
        return _page(HTTPStatus.NOT_FOUND, "The requested URL was not found on this server.")
    if not service.public:
        return _page(HTTPStatus.FORBIDDEN, "Your client does not have permission to get this URL from this server.")
    return None


def _forwarded_headers(request: Request) -> list[tuple[bytes, bytes]]:
    """Return the headers that the container receives."""
    known = {b"x-forwarded-for", b"x-forwarded-proto", b"x-cloud-trace-context"} | _HOP_BY_HOP
    client = request.client.host if request.client else "127.0.0.1"
    forwarded = ", ".join([*request.headers.getlist("x-forwarded-for"), client])
    trace = request.headers.get("x-cloud-trace-context", f"{secrets.token_hex(16)}/{secrets.randbits(63)};o=1")
    return [(name, value) for name, value in request.headers.raw if name not in known] + [
        (b"x-forwarded-for", forwarded.encode()),
        (b"x-forwarded-proto", request.url.scheme.encode()),
        (b"x-cloud-trace-context", trace.encode()),
    ]


def _raw_target(scope: Scope) -> bytes:
    """Return path and query, with percent-encoded unreserved characters decoded."""
    path = _UNRESERVED.sub(lambda match: bytes([int(match[1], 16)]), scope["raw_path"])
    return path + (b"?" + scope["query_string"] if scope["query_string"] else b"")


async def _forward(request: Request, body: bytes, instance: Instance) -> Response:
    client: httpx2.AsyncClient = request.state["client"]
    url = httpx2.URL(scheme="http", host=instance.address, port=instance.port, raw_path=_raw_target(request.scope))
    forwarded = httpx2.Request(request.method, url, headers=_forwarded_headers(request), content=body)
    upstream = await client.send(forwarded, stream=True)
    async with aclosing(upstream):
        content = b"".join([chunk async for chunk in upstream.aiter_raw()])
    response = Response(content, upstream.status_code)
    kept = [(name.lower(), value) for name, value in upstream.headers.raw if name.lower() not in _HOP_BY_HOP]
    response.raw_headers = [*kept, (b"server", b"Google Frontend")]
    return response


class Front:
    """An ASGI endpoint that forwards requests to the instances of ``service``, and ends those that take too long."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = _refuse(self._service, request) or await self._answer(request)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            with anyio.fail_after(self._service.request_timeout):
                body = await request.body()
                instance = await run_in_threadpool(self._service.wake)
                try:
                    return await _forward(request, body, instance)
                # When an instance dies just after it accepted, httpx2 raises AttributeError.
                except (httpx2.TransportError, AttributeError):
                    await run_in_threadpool(instance.await_exit)
                    return _unavailable()
                finally:
                    instance.rest()
        except TimeoutError:
            return _page(HTTPStatus.GATEWAY_TIMEOUT, "The request has been terminated: it reached the maximum timeout.")
        except RevisionFailedError:
            return _unavailable()


@asynccontextmanager
async def _client(_app: Starlette) -> AsyncGenerator[dict[str, httpx2.AsyncClient]]:
    # Connections are not reused, because instances freeze and end. The service's own timeout applies, above.
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx2.AsyncClient(limits=limits, timeout=None, trust_env=False, verify=False) as client:
        yield {"client": client}


def create_front(service: Service) -> Starlette:
    """Return the application that answers at the address of ``service``."""
    return Starlette(routes=[Route("/{path:path}", Front(service))], lifespan=_client)
