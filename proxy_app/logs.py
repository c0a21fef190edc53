"""One line of JSON for every request, in the fields that Cloud Logging knows, and never a secret in it.

https://docs.cloud.google.com/logging/docs/structured-logging
"""

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

from proxy_app.errors import ProxyError, Unexpected
from proxy_app.responses import refusal

# Any other path may be something that was pasted into the wrong place.
_KNOWN_PATHS = {"/", "/health", "/proxy/token"}
_DEEPEST_CAUSE = 8
_TRACES = (
    (b"traceparent", re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")),
    (b"x-cloud-trace-context", re.compile(rb"([0-9a-f]{32})(?:/[0-9]{1,20})?(?:;o=[0-9]+)?")),
)


def write_line(log: TextIO, severity: str, message: str, fields: Mapping[str, object]) -> None:
    """Write one line to ``log`` at once; that nobody takes it is no reason to refuse a request."""
    with suppress(OSError):
        log.write(f"{json.dumps({'severity': severity, 'message': message, **fields})}\n")
        log.flush()


class JsonLines(logging.Formatter):
    """Write a library's record as one line; of an exception its class and place, for its words may quote anything."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {"severity": record.levelname, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1]:
            line["fault"] = fault(record.exc_info[1])
        return json.dumps(line)


def log_libraries_to(log: TextIO) -> None:
    """Let libraries write their warnings and errors to ``log`` from now on."""
    handler = logging.StreamHandler(log)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def fault(error: BaseException) -> str:
    """Name an exception, what lies behind it, and where it was raised; nothing of what they say."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    names: list[str] = []
    behind: BaseException | None = error
    while behind and len(names) < _DEEPEST_CAUSE:
        names.append(type(behind).__name__)
        behind = behind.__cause__ or behind.__context__
    return " from ".join(names) + place


@dataclass(kw_only=True, slots=True)
class Note:
    """What the log shall say about one request; filled in while it is answered."""

    outcome: str = "answered"
    status: int = 0
    log_id: str = ""
    tiktok_seconds: float = 0.0
    fault: str = ""


def note_of(scope: Scope) -> Note:
    """Return what the log shall say about the request of ``scope``."""
    return scope["state"]["note"]


class Logged:
    """The outermost ASGI application: errors become answers here, and each request one line."""

    def __init__(self, app: ASGIApp, log: TextIO) -> None:
        """Write to ``log`` what ``app`` does."""
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; its ``Note`` is in the request's state."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, note = time.perf_counter(), Note()
        scope.setdefault("state", {})["note"] = note

        async def note_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                note.status = message["status"]
                # Before the answer goes out: afterwards the process may be frozen.
                self._write(scope, note, time.perf_counter() - begun)
            await send(message)

        try:
            await self._answer(scope, receive, note_and_send, note)
        finally:
            if not note.status:
                self._write(scope, note, time.perf_counter() - begun)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001  # the last place where one can be answered in JSON
            known = error if isinstance(error, ProxyError) else Unexpected()
            note.outcome = type(known).__name__
            cause = error.__cause__ if known is error else error
            note.fault = fault(cause) if cause else ""
            await refusal(known)(scope, receive, send)

    def _write(self, scope: Scope, note: Note, seconds: float) -> None:
        path = scope["path"] if scope["path"] in _KNOWN_PATHS else "(unknown)"
        request = {
            "requestMethod": scope["method"],
            "requestUrl": path,
            "status": note.status,
            "latency": f"{seconds:.6f}s",
            "protocol": f"HTTP/{scope['http_version']}",
        }
        fields: dict[str, object] = {"httpRequest": request, "outcome": note.outcome, **_trace(scope)}
        if note.log_id:
            fields["tiktok_log_id"] = note.log_id
        if note.tiktok_seconds:
            fields["timings"] = {"tiktok_ms": round(note.tiktok_seconds * 1000, 1)}
        if note.fault:
            fields["fault"] = note.fault
        write_line(self._log, _severity(note.status), f"{path} {note.status} {note.outcome}", fields)


def _severity(status: int) -> str:
    if not status or status >= 500:  # noqa: PLR2004  # server errors (RFC 9110 15.6), or no answer at all
        return "ERROR"
    return "WARNING" if status >= 400 else "INFO"  # noqa: PLR2004  # client errors (RFC 9110 15.5)


def _trace(scope: Scope) -> dict[str, str]:
    headers = dict(scope["headers"])
    for name, pattern in _TRACES:
        if found := pattern.fullmatch(headers.get(name, b"")):
            return {"logging.googleapis.com/trace": found[1].decode()}
    return {}
