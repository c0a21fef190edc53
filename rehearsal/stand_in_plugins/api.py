"""HTTP as the released plugins speak it: one client per provider, its retries, and its words for a refusal."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx2

from rehearsal.stand_in_plugins.properties import Value

_TRIES = 3


class Refused(Exception):
    """The API said no, or could not be reached; the message is what the released plugin would show."""

    def __init__(self, message: str, status: int = 0) -> None:
        """Remember what was answered; status 0 stands for no answer at all."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Manners:
    """What differs between one vendor's API and another's."""

    message: Callable[[httpx2.Response], str]
    retried: frozenset[int]
    pause: Callable[[httpx2.Response | None, int], float]  # seconds to wait, by the answer and the number of tries
    patient: frozenset[int] = frozenset()  # retried for as long as it is answered


class Api:
    """An API on loopback; safe to be used by several threads."""

    def __init__(self, client: httpx2.Client, manners: Manners) -> None:
        """Speak through ``client``, and close it in the end."""
        self._client = client
        self._manners = manners
        self.cancelled = threading.Event()

    def close(self) -> None:
        """Stop waiting for anything, and close the connections."""
        self.cancelled.set()
        self._client.close()

    def send(self, method: str, url: str, *, query: Mapping[str, str], **content: Value) -> httpx2.Response:
        """Return a successful answer; raise ``Refused`` for any other, after the vendor's own retries."""
        tries = 0
        while True:
            tries += 1
            answer, failure = self._tried(method, url, query, content)
            if answer is not None and answer.is_success:
                return answer
            status = answer.status_code if answer is not None else 0
            if not self._again(status, tries) or self.cancelled.wait(self._manners.pause(answer, tries)):
                raise Refused(self._manners.message(answer) if answer is not None else failure, status)

    def _again(self, status: int, tries: int) -> bool:
        return status in self._manners.patient or (tries < _TRIES and (not status or status in self._manners.retried))

    def _tried(
        self, method: str, url: str, query: Mapping[str, str], content: Mapping[str, Value]
    ) -> tuple[httpx2.Response | None, str]:
        try:
            return self._client.request(method, url, params=query or None, **content), ""
        except httpx2.TransportError as error:
            return None, f'{method.title()} "{url}": {error}'


def loopback(name: str, url: str) -> str:
    """Return ``url`` if its host is this machine; raise a ``ValueError`` that names the setting if it is not."""
    host = urlsplit(url).hostname or ""
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(f"{name} is {url!r}, but a stand-in plugin speaks to an emulator on loopback only.")
    return url
