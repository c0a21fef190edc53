"""How much memory a stack's process takes while clients without credentials attack it."""

from collections.abc import Callable
from contextlib import ExitStack, suppress

from tests.support.proxy.raw_client import FORM_HEAD, HEALTH, connect, resident_bytes

_MIB = 1024 * 1024
_HEADER = b"X: aaaaaaaa\r\n"
_FLOOD = _HEADER * (_MIB // len(_HEADER))
_FLOOD_MIB = 30
_PIPELINED = HEALTH * (6 * _MIB // len(HEALTH))
_CONNECTIONS = 1007
_SEND_SECONDS = 2  # then the attack ends: the stack no longer reads


def growth_under_attack_mib(pid: int, port: int) -> float:
    """Attack the stack on ``port``, and return the largest growth that one attack caused."""
    return max(_growth_mib(attack, pid, f"http://127.0.0.1:{port}") for attack in _ATTACKS)


def _growth_mib(attack: Callable[[str], None], pid: int, origin: str) -> float:
    before = resident_bytes(pid)
    with suppress(OSError):  # the stack closes the connection, or does not read on
        attack(origin)
    return (resident_bytes(pid) - before) / _MIB


def _send_endless_headers(origin: str) -> None:
    _flood(origin, b"GET / HTTP/1.1\r\n")


def _send_endless_trailers(origin: str) -> None:
    _flood(origin, FORM_HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n")


def _flood(origin: str, begin: bytes) -> None:
    with connect(origin) as connection:
        connection.settimeout(_SEND_SECONDS)
        connection.sendall(begin)
        for _ in range(_FLOOD_MIB):
            connection.sendall(_FLOOD)


def _send_requests_and_read_nothing(origin: str) -> None:
    with connect(origin) as connection:
        connection.settimeout(_SEND_SECONDS)
        connection.sendall(_PIPELINED)


def _hold_connections(origin: str) -> None:
    with ExitStack() as held:
        for _ in range(_CONNECTIONS):
            held.enter_context(connect(origin)).sendall(b"GET / HTTP/1.1\r\n")


_ATTACKS = (_send_endless_headers, _send_endless_trailers, _send_requests_and_read_nothing, _hold_connections)
