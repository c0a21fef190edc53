"""One line of JSON for every request, in the fields that Cloud Logging knows, and never a secret in it.

https://docs.cloud.google.com/logging/docs/structured-logging
"""

import asyncio
import json
import logging
import re
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy_app.errors import ClientDisconnectedError, Failure, ProxyError
from proxy_app.responses import error_response

# The status of a request whose client did not wait for the answer. It is never sent; nginx logs the same.
CLIENT_DISCONNECTED = 499
# Any other path may be something that was pasted into the wrong place.
_KNOWN_PATHS = {"/", "/health", "/proxy/token"}
_DEEPEST_CAUSE = 8
# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
# https://docs.cloud.google.com/trace/docs/trace-context#legacy-http-header: the span is a decimal number.
_CLOUD_TRACE = re.compile(rb"([0-9a-f]{32})(?:/([0-9]{1,20}))?(?:;o=([0-9]+))?")


def write_line(log: TextIO, severity: str, message: str, fields: Mapping[str, object]) -> None:
    """Write one line to ``log`` at once; a log that cannot be written is no reason to refuse a request."""
    with suppress(OSError):
        log.write(f"{json.dumps({'severity': severity, 'message': message, **fields})}\n")
        log.flush()


class JsonFormatter(logging.Formatter):
    """Write a library's record as one line; of an exception its class and place, since its words may quote anything."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"severity": record.levelname, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1]:
            line["fault"] = describe_fault(record.exc_info[1])
        return json.dumps(line)


def log_libraries_to(log: TextIO) -> None:
    """Let libraries write their warnings and errors to ``log``."""
    handler = logging.StreamHandler(log)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def describe_fault(error: BaseException) -> str:
    """Name an exception, its causes, and where it was raised, without its words."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    names: list[str] = []
    cause: BaseException | None = error
    while cause and len(names) < _DEEPEST_CAUSE:
        names.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return " from ".join(names) + place


@dataclass(kw_only=True, slots=True)
class RequestRecord:
    """What the log says about one request; filled in while it is answered."""

    outcome: str = "answered"
    status: int = 0
    log_id: str = ""
    tiktok_seconds: float = 0.0
    fault: str = ""

    def fail(self, error: ProxyError) -> None:
        """Note a failure and what caused it."""
        self.outcome = error.failure.name
        self.fault = describe_fault(error.__cause__) if error.__cause__ else ""


def record_of(scope: Scope) -> RequestRecord:
    """Return what the log will say about the request of ``scope``."""
    return scope["state"]["record"]


class RequestLogMiddleware:
    """The outermost ASGI application: it writes one line for each request, and answers what nothing else answered."""

    def __init__(self, app: ASGIApp, log: TextIO) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; its ``RequestRecord`` is in its state."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, record = time.perf_counter(), RequestRecord()
        scope.setdefault("state", {})["record"] = record

        async def send_and_record(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                record.status = message["status"]
                # Once the client has the whole answer, Cloud Run may freeze the process.
                self._write(scope, record, time.perf_counter() - begun)

        try:
            await self._serve(scope, receive, send_and_record)
        except ClientDisconnectedError:
            if not record.status:
                record.status, record.outcome = CLIENT_DISCONNECTED, "ClientDisconnected"
                self._write(scope, record, time.perf_counter() - begun)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, and answer what it does not: failures, defects, and what the server refused."""
        if refusal := scope["state"].get("refusal"):
            await respond(refusal, scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        except ClientDisconnectedError:
            raise
        except ProxyError as error:
            await respond(error, scope, receive, send)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # the last place to answer in JSON
            if not record_of(scope).status:
                failure = Failure.Stopping if isinstance(error, asyncio.CancelledError) else Failure.Unexpected
                answer = ProxyError(failure)
                answer.__cause__ = error
                await respond(answer, scope, receive, send)

    def _write(self, scope: Scope, record: RequestRecord, seconds: float) -> None:
        path = scope["path"] if scope["path"] in _KNOWN_PATHS else "(unknown)"
        request = {
            "requestMethod": scope["method"],
            "requestUrl": path,
            "status": record.status,
            "latency": f"{seconds:.6f}s",
            "protocol": f"HTTP/{scope['http_version']}",
        }
        fields: dict[str, object] = {"httpRequest": request, "outcome": record.outcome, **_trace(scope)}
        if record.log_id:
            fields["tiktok_log_id"] = record.log_id
        if record.tiktok_seconds:
            fields["timings"] = {"tiktok_ms": round(record.tiktok_seconds * 1000, 1)}
        if record.fault:
            fields["fault"] = record.fault
        write_line(self._log, _severity(record.status), f"{path} {record.status} {record.outcome}", fields)


async def respond(error: ProxyError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with an error and note it."""
    record_of(scope).fail(error)
    await error_response(error)(scope, receive, send)


def _severity(status: int) -> str:
    if status >= 500:  # noqa: PLR2004  # server errors (RFC 9110 15.6)
        return "ERROR"
    return "WARNING" if status >= 400 else "INFO"  # noqa: PLR2004  # client errors (RFC 9110 15.5)


def _trace(scope: Scope) -> dict[str, object]:
    """Return the trace that the request belongs to; an invalid header is ignored."""
    headers = dict(scope["headers"])
    if found := _TRACEPARENT.fullmatch(headers.get(b"traceparent", b"")):
        version, trace, span, flags, more = found.groups()
        is_valid = version != b"ff" and not (version == b"00" and more) and int(trace, 16) and int(span, 16)
        return _trace_fields(trace, int(span, 16), int(flags, 16)) if is_valid else {}
    if found := _CLOUD_TRACE.fullmatch(headers.get(b"x-cloud-trace-context", b"")):
        trace, span, flags = found.groups(b"0")
        return _trace_fields(trace, int(span), int(flags)) if int(trace, 16) else {}
    return {}


def _trace_fields(trace: bytes, span: int, flags: int) -> dict[str, object]:
    fields: dict[str, object] = {"logging.googleapis.com/trace": trace.decode()}
    if 0 < span < 1 << 64:
        fields["logging.googleapis.com/spanId"] = f"{span:016x}"
    return fields | {"logging.googleapis.com/trace_sampled": bool(flags & 1)}
