"""An HTTP client with the retries, error messages and uploads of the released plugins."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import httpx2

from rehearsal.stand_in_plugins.properties import Properties, Value

SECONDS = 120  # how long the released plugins wait for an answer
_TRIES = 3
_MULTIPART_LIMIT = 16 * 1024 * 1024


class ApiError(Exception):
    """The API refused or is unreachable, in the released plugin's words. ``status`` is 0 without an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Which answers are tried again, and after how many seconds, given the answer and the number of tries."""

    statuses: frozenset[int]  # up to three tries
    delay: Callable[[httpx2.Response | None, int], float]
    unlimited: frozenset[int] = frozenset()  # until another answer comes

    def retries(self, status: int, tries: int) -> bool:
        return status in self.unlimited or (tries < _TRIES and (not status or status in self.statuses))


@dataclass(frozen=True, kw_only=True)
class ApiClient:
    """A vendor's APIs on loopback; threads may share it."""

    http: httpx2.Client
    base_urls: Mapping[str, str]
    retry: RetryPolicy
    format_error: Callable[[httpx2.Response], str]
    cancelled: threading.Event = field(default_factory=threading.Event)

    def base_url(self, api: str) -> str:
        if api not in self.base_urls:
            raise ApiError(f"{api}CustomEndpoint is not set, and a stand-in plugin connects to emulators only")
        return self.base_urls[api]

    def close(self) -> None:
        """Stop waiting, and close the connections."""
        self.cancelled.set()
        self.http.close()

    def send(self, method: str, url: str, *, query: Mapping[str, str], **content: Value) -> httpx2.Response:
        """Return a successful answer; raise ``ApiError`` for any other, after the plugin's own retries."""
        tries = 0
        while True:
            tries += 1
            answer, failure = self._try(method, url, query, content)
            if answer is not None and answer.is_success:
                return answer
            status = answer.status_code if answer is not None else 0
            if not self.retry.retries(status, tries) or self.cancelled.wait(self.retry.delay(answer, tries)):
                raise ApiError(self.format_error(answer) if answer is not None else failure, status)

    def _try(
        self, method: str, url: str, query: Mapping[str, str], content: Mapping[str, Value]
    ) -> tuple[httpx2.Response | None, str]:
        try:
            return self.http.request(method, url, params=query or None, **content), ""
        except httpx2.TransportError as error:
            return None, f'{method.title()} "{url}": {error}'

    def upload(self, url: str, query: Mapping[str, str], metadata: Properties, asset: Properties) -> httpx2.Response:
        """Send the file of ``asset`` in one multipart request, as Google's Go client does up to 16 MiB.

        https://cloud.google.com/storage/docs/uploads-downloads
        """
        file = Path(asset["path"]).read_bytes()
        if len(file) > _MULTIPART_LIMIT:
            raise ApiError(f"{asset['path']} has {len(file)} bytes; the stand-in plugin uploads at most 16 MiB")
        boundary = token_hex(30)
        parts = ((b"application/json", json.dumps(metadata).encode()), (metadata["contentType"].encode(), file))
        return self.send(
            "POST",
            url,
            query={**query, "uploadType": "multipart"},
            content=list(_encode_multipart(boundary.encode(), parts)),  # a list is sent chunked, and can be sent again
            headers={"Content-Type": f"multipart/related; boundary={boundary}"},
        )


def _encode_multipart(boundary: bytes, parts: tuple[tuple[bytes, bytes], ...]) -> Iterator[bytes]:
    for content_type, content in parts:
        yield b"--" + boundary + b"\r\nContent-Type: " + content_type + b"\r\n\r\n" + content + b"\r\n"
    yield b"--" + boundary + b"--\r\n"


def require_loopback(setting: str, url: str) -> str:
    """Return ``url`` if its host is this machine; raise a ``ValueError`` that names the setting if not."""
    host = urlsplit(url).hostname or ""
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(f"{setting} is {url!r}, but a stand-in plugin connects to emulators on loopback only.")
    return url
