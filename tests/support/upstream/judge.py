"""Three people who ask through one client, the second of whom meets a fault, and what became of them."""

import asyncio
import json
import ssl
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from proxy_app.errors import ProxyError
from proxy_app.http_response import Reply
from tests.support.upstream.cases import Case
from tests.support.upstream.misbehaving import Misbehaving, misbehaving

PEOPLE = ("first", "second", "third")
DEADLINE_SECONDS = 1.0
_PATIENCE_SECONDS = 5


class Client(Protocol):
    """What ``proxy_app.tiktok_client.TikTokClient`` is, and what its rivals are made to be."""

    async def post(self, body: bytes) -> Reply: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the three got (a token, a status, or an error's name), what the upstream got, and the peak of memory."""

    got: list[str]
    received: list[str]
    heads: list[bytes]
    connections: int
    growth_bytes: int


def judged(case: Case, client: Callable[[str, float], Client], tls: ssl.SSLContext | None) -> Verdict:
    """Set a new client, made of a URL and a deadline in seconds, before one fault."""
    upstream = Misbehaving(act=case.act, later=case.later)
    with misbehaving(upstream, tls) as url:
        tracemalloc.start()
        try:
            got = asyncio.run(_three_people(client, url, upstream, frozen=case.frozen))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    return Verdict(
        got=got,
        received=upstream.received,
        heads=upstream.heads,
        connections=upstream.connections,
        growth_bytes=peak,
    )


async def asked(client: Client, code: str) -> str:
    """Return what the holder of ``code`` gets; whoever would wait beyond all deadlines gets "hang"."""
    try:
        reply = await asyncio.wait_for(client.post(f"code={code}".encode()), _PATIENCE_SECONDS)
    except TimeoutError:
        return "hang"
    except ProxyError as error:
        return error.failure.name
    return _token(reply.body) or f"status {reply.status}"


def _token(body: bytes) -> str:
    try:
        return json.loads(body)["access_token"]
    except (ValueError, LookupError):
        return ""


async def _three_people(
    make: Callable[[str, float], Client], url: str, upstream: Misbehaving, *, frozen: bool
) -> list[str]:
    client = make(url, DEADLINE_SECONDS)
    try:
        got = [await asked(client, code) for code in PEOPLE[:2]]
        upstream.answered.set()
        if upstream.later:
            await _until_acted(upstream, frozen=frozen)
        return [*got, await asked(client, PEOPLE[2])]
    finally:
        await client.close()


async def _until_acted(upstream: Misbehaving, *, frozen: bool) -> None:
    """Let the fault happen, either before the eyes of the client or while its loop stands still."""
    if frozen:
        acted = upstream.acted.wait(_PATIENCE_SECONDS)
    else:
        acted = await asyncio.to_thread(upstream.acted.wait, _PATIENCE_SECONDS)
    assert acted
