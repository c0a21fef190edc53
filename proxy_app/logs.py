"""One line of JSON for every request, in the fields that Cloud Logging knows, and never a secret in it.

https://docs.cloud.google.com/logging/docs/structured-logging
"""

import json
import logging
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from starlette.types import Scope

# Any other path may be something that was pasted into the wrong place.
_KNOWN_PATHS = {"/", "/health", "/proxy/token"}
_CLIENT_ERROR, _SERVER_ERROR = 400, 500  # the lowest of each (RFC 9110 15)
_DEEPEST_CAUSE = 8
# https://www.w3.org/TR/trace-context/#traceparent-header: no zeros, no version ff, and nothing more in version 00.
_TRACEPARENT = re.compile(
    rb"(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?"
)
# https://docs.cloud.google.com/trace/docs/trace-context#legacy-http-header: the span is a decimal number.
_CLOUD_TRACE = re.compile(rb"(?!0{32})([0-9a-f]{32})(?:/([0-9]{1,20}))?(?:;o=([0-9]+))?")


@dataclass(kw_only=True, slots=True)
class RequestRecord:
    """What the log says about one request; filled in while it is answered."""

    outcome: str = "answered"
    status: int = 0
    log_id: str = ""
    tiktok_ns: int = 0
    fault: str = ""


def write_line(log: TextIO, severity: str, message: str, fields: Mapping[str, object]) -> None:
    """Write one line to ``log`` at once; a log that cannot be written is no reason to refuse a request."""
    line = json.dumps({"severity": severity, "message": message, **fields})
    try:
        log.write(f"{line}\n")
        log.flush()
    except OSError:
        pass


def write_request(log: TextIO, scope: Scope, record: RequestRecord, nanoseconds: int) -> None:
    """Write the line of a request that took so long."""
    path = scope["path"] if scope["path"] in _KNOWN_PATHS else "(unknown)"
    digits = str(nanoseconds).zfill(10)
    request = {
        "requestMethod": scope["method"],
        "requestUrl": path,
        "status": record.status,
        "latency": f"{digits[:-9]}.{digits[-9:]}s",
        "protocol": f"HTTP/{scope['http_version']}",
    }
    fields: dict[str, object] = {"httpRequest": request, "outcome": record.outcome, **_trace(scope)}
    if record.log_id:
        fields["tiktok_log_id"] = record.log_id
    if record.tiktok_ns:
        fields["tiktok_us"] = record.tiktok_ns // 1000
    if record.fault:
        fields["fault"] = record.fault
    severity = "INFO" if record.status < _CLIENT_ERROR else "WARNING" if record.status < _SERVER_ERROR else "ERROR"
    write_line(log, severity, f"{path} {record.status} {record.outcome}", fields)


def _trace(scope: Scope) -> dict[str, object]:
    """Return the trace that the request belongs to; an invalid header is ignored."""
    headers = dict(scope["headers"])
    if (sent := headers.get(b"traceparent")) and (found := _TRACEPARENT.fullmatch(sent)):
        span, flags = int(found[2], 16), int(found[3], 16)
    elif (sent := headers.get(b"x-cloud-trace-context")) and (found := _CLOUD_TRACE.fullmatch(sent)):
        span, flags = int(found[2] or 0), int(found[3] or 0)
    else:
        return {}
    fields: dict[str, object] = {"logging.googleapis.com/trace": found[1].decode()}
    if 0 < span < 1 << 64:
        fields["logging.googleapis.com/spanId"] = f"{span:016x}"
    return fields | {"logging.googleapis.com/trace_sampled": bool(flags & 1)}


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
