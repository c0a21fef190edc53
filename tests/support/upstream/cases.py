"""What an upstream can do wrong, and what a right client makes of each: an answer of the person's own, or an error."""

import asyncio
import zlib
from dataclasses import dataclass

from proxy_app.errors import Failure
from tests.support.upstream.misbehaving import Act, right_answer, token_for
from tests.support.upstream.peer import Peer

_OK = b"HTTP/1.1 200 OK\r\n"
_STRAY = right_answer("somebody-else")
_MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Case:
    """A fault, and what becomes of the request that meets it: an error, a status, or else an answer of its own.

    What happens ``later``, on the idle connection, happens while the client is ``frozen`` or before its eyes.
    """

    act: Act
    later: Act | None = None
    frozen: bool = False
    error: Failure | None = None
    status: int | None = None


def says(*pieces: bytes, then: str = "hold") -> Act:
    """Say these bytes, the code in place of CODE, and then hold, close, cut or reset the connection."""

    async def act(peer: Peer, code: str) -> None:
        for piece in pieces:
            await peer.say(piece.replace(b"TOKEN", token_for(code)).replace(b"LEN", b"%d" % len(token_for(code))))
        await getattr(peer, then)()

    return act


async def answers(peer: Peer, code: str) -> None:
    """Answer as one should."""
    await peer.say(right_answer(code))


async def closes(peer: Peer, _code: str) -> None:
    """End in order."""
    await peer.close()


async def cuts(peer: Peer, _code: str) -> None:
    """End the connection underneath TLS."""
    await peer.cut()


async def resets(peer: Peer, _code: str) -> None:
    """Reset the connection."""
    await peer.reset()


async def strays(peer: Peer, _code: str) -> None:
    """Send an answer that nobody asked for."""
    await peer.say(_STRAY)


async def holds(peer: Peer, _code: str) -> None:
    """Say nothing."""
    await peer.hold()


async def drips(peer: Peer, code: str) -> None:
    """Send an answer, a byte at a time, for longer than anybody waits."""
    for byte in right_answer(code) * 100:
        await peer.say(bytes([byte]))
        await asyncio.sleep(0.02)


async def floods(peer: Peer, _code: str) -> None:
    """Send 100 MiB in chunks."""
    await peer.say(_OK + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(100):
        await peer.say(b"100000\r\n" + b"a" * _MIB + b"\r\n")


async def pours(peer: Peer, _code: str) -> None:
    """Send 100 MiB that end with the connection."""
    await peer.say(_OK + b"Connection: close\r\n\r\n")
    for _ in range(100):
        await peer.say(b"a" * _MIB)


async def glues(peer: Peer, code: str) -> None:
    """Send an answer and, in the same breath, one that nobody asked for."""
    await peer.say(right_answer(code) + _STRAY)


async def glues_before(peer: Peer, code: str) -> None:
    """Send an answer that nobody asked for and, in the same breath, the own one."""
    await peer.say(_STRAY + right_answer(code))


async def bombs(peer: Peer, _code: str) -> None:
    """Send 200 KiB that unpack to 200 MiB."""
    packer = zlib.compressobj(wbits=31)
    first, second = (packer.compress(b"a" * _MIB) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    bomb = first + second * 199 + packer.flush()
    await peer.say(_OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)


async def hints(peer: Peer, _code: str) -> None:
    """Promise an answer for ever."""
    while True:
        await peer.say(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" * 100)


_SIZED = b"Content-Length: LEN\r\n"
_OWN = _OK + _SIZED + b"\r\nTOKEN"
_BROKEN, _SLOW = Failure.UpstreamBroken, Failure.UpstreamTimedOut

CASES: dict[str, Case] = {
    "closed while idle": Case(act=answers, later=closes),
    "cut while idle": Case(act=answers, later=cuts),
    "reset while idle": Case(act=answers, later=resets),
    "a late stray answer while idle": Case(act=answers, later=strays),
    "closed while frozen": Case(act=answers, later=closes, frozen=True),
    "cut while frozen": Case(act=answers, later=cuts, frozen=True),
    "reset while frozen": Case(act=answers, later=resets, frozen=True),
    "a late stray answer while frozen": Case(act=answers, later=strays, frozen=True),
    "a stray answer glued to the own": Case(act=glues, error=_BROKEN),
    "a stray answer glued before the own": Case(act=glues_before, error=_BROKEN),
    "half a stray answer glued to the own": Case(act=says(_OWN + _STRAY[:30]), error=_BROKEN),
    "more than the length says": Case(act=says(_OWN + b"{}"), error=_BROKEN),
    "closed before the answer": Case(act=closes, error=_BROKEN),
    "reset before the answer": Case(act=resets, error=_BROKEN),
    "an eaten request": Case(act=holds, error=_SLOW),
    "a slow drip": Case(act=drips, error=_SLOW),
    "cut in the status line": Case(act=says(b"HTTP/1.1 2", then="close"), error=_BROKEN),
    "cut in a header": Case(act=says(_OK + b"Content-Le", then="close"), error=_BROKEN),
    "cut after the headers": Case(act=says(_OK + _SIZED + b"\r\n", then="close"), error=_BROKEN),
    "cut in the body": Case(act=says(_OK + b"Content-Length: 999\r\n\r\nTOKEN", then="close"), error=_BROKEN),
    "cut in a chunk": Case(
        act=says(_OK + b"Transfer-Encoding: chunked\r\n\r\nfff\r\nTOKEN", then="close"), error=_BROKEN
    ),
    "cut before the last chunk": Case(
        act=says(_OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", then="close"), error=_BROKEN
    ),
    "silence after the headers": Case(act=says(_OK + _SIZED + b"\r\n"), error=_SLOW),
    "silence in the body": Case(act=says(_OK + b"Content-Length: 999\r\n\r\nTOKEN"), error=_SLOW),
    "a chunk of no size": Case(act=says(_OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nTOKEN\r\n"), error=_BROKEN),
    "100 MiB": Case(act=floods, error=_BROKEN),
    "a length of 100 MiB": Case(act=says(_OK + b"Content-Length: 104857600\r\n\r\n", b"a" * 65537), error=_BROKEN),
    "a gzip bomb": Case(act=bombs, error=_BROKEN),
    "a compressed answer": Case(act=says(_OK + _SIZED + b"Content-Encoding: br\r\n\r\nTOKEN"), error=_BROKEN),
    "100 MiB without a length": Case(act=pours, error=_BROKEN),
    "a flood of headers": Case(act=says(_OK + b"X-Flood: aaaaaaaaaaaaaaaa\r\n" * 5000 + b"\r\n"), error=_BROKEN),
    "a length beside chunks": Case(
        act=says(_OK + _SIZED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), error=_BROKEN
    ),
    "two different lengths": Case(act=says(_OK + b"Content-Length: 2\r\n" + _SIZED + b"\r\nTOKEN"), error=_BROKEN),
    "the same length twice": Case(act=says(_OK + _SIZED + _SIZED + b"\r\nTOKEN"), error=_BROKEN),
    "a negative length": Case(act=says(_OK + b"Content-Length: -1\r\n\r\nTOKEN"), error=_BROKEN),
    "another coding than chunks": Case(act=says(_OK + b"Transfer-Encoding: gzip\r\n\r\nTOKEN"), error=_BROKEN),
    "an early hint": Case(
        act=says(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + _OK + _SIZED + b"\r\nTOKEN", then="go_on")
    ),
    "a hundred continues": Case(
        act=says(b"HTTP/1.1 100 Continue\r\n\r\n" * 100 + _OK + _SIZED + b"\r\nTOKEN", then="go_on")
    ),
    "hints without end": Case(act=hints, error=_BROKEN),
    "a change of protocol": Case(act=says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), error=_BROKEN),
    "HTTP/1.0 with a length": Case(act=says(b"HTTP/1.0 200 OK\r\n" + _SIZED + b"\r\nTOKEN", then="close")),
    "HTTP/1.0 without a length": Case(act=says(b"HTTP/1.0 200 OK\r\n\r\nTOKEN", then="close")),
    "no length, and closing announced": Case(act=says(_OK + b"Connection: close\r\n\r\nTOKEN", then="close")),
    "no length, and no word of closing": Case(act=says(_OK + b"\r\nTOKEN", then="close"), error=_BROKEN),
    "no length, announced, and cut": Case(act=says(_OK + b"Connection: close\r\n\r\n{", then="reset"), error=_BROKEN),
    "HTTP/1.0 kept alive without a length": Case(
        act=says(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nTOKEN"), error=_BROKEN
    ),
    "HTTP/2": Case(act=says(b"\0\0\x12\4\0\0\0\0\0" + b"\0" * 18), error=_BROKEN),
    "cookies": Case(act=says(_OK + b"Set-Cookie: a=b; Path=/\r\n" + _SIZED + b"\r\nTOKEN", then="go_on")),
    "nothing, in order": Case(act=says(b"HTTP/1.1 204 No Content\r\n\r\n", then="go_on"), status=204),
    "an empty answer": Case(act=says(_OK + b"Content-Length: 0\r\n\r\n", then="go_on"), status=200),
    "an error without an end": Case(act=says(b"HTTP/1.1 503 Busy\r\n\r\n"), error=_BROKEN),
    "a length in a trailer": Case(
        act=says(_OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n"), error=_BROKEN
    ),
    "no HTTP": Case(act=says(b"SSH-2.0-OpenSSH_9.9\r\n"), error=_BROKEN),
    "HTTP/0.9": Case(act=says(b"TOKEN", then="close"), error=_BROKEN),
    "bare line feeds": Case(act=says(b"HTTP/1.1 200 OK\nContent-Length: LEN\n\nTOKEN"), error=_BROKEN),
    "a folded header": Case(act=says(_OK + b"X-A: b\r\n c\r\n" + _SIZED + b"\r\nTOKEN"), error=_BROKEN),
    "a control character in a header": Case(act=says(_OK + b"X-A: \x00\r\n" + _SIZED + b"\r\nTOKEN"), error=_BROKEN),
} | {
    f"a redirect by {status}": Case(
        act=says(b"HTTP/1.1 %d Away\r\nLocation: /elsewhere/\r\nContent-Length: 0\r\n\r\n" % status, then="go_on"),
        status=status,
    )
    for status in (301, 302, 303, 307, 308)
}
