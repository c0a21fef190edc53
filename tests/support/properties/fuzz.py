"""``python -m tests.support.properties.fuzz 1000000``: that many new, nearly right inputs for the parsers."""

import json
import random
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.unit.properties import test_dialect, test_form_reading, test_reply_reader

_INPUTS = 1_000_000
_AT_ONCE = 50_000
_VALUES: list[object] = [
    None,
    True,
    0,
    -1,
    1.5,
    1e400,
    "",
    "7200",
    "a,b",
    "invalid_grant",
    [],
    {},
    10**30,
    "\ud800",
    "act.x!1.va",
]


def _nearly_right(dice: random.Random, fragments: Sequence[bytes]) -> bytes:
    """Return right fragments in any order, and now and then with a wrong byte."""
    return _with_noise(dice, b"".join(dice.choices(fragments, k=dice.randrange(14))))


def _with_noise(dice: random.Random, right: bytes) -> bytes:
    made = bytearray(right)
    for _ in range(dice.choice((0, 0, 1, 3))):
        place = dice.randint(0, len(made))
        made[place : place + dice.randrange(2)] = bytes([dice.randrange(256)])
    return bytes(made)


def _reply(dice: random.Random) -> dict[str, Any]:
    written = _nearly_right(dice, test_reply_reader.FRAGMENTS)
    return {"written": written, "cuts": [dice.randint(0, len(written)) for _ in range(dice.randrange(5))]}


def _form(dice: random.Random) -> dict[str, Any]:
    return {"body": _nearly_right(dice, test_form_reading.FRAGMENTS)}


def _answer(dice: random.Random) -> dict[str, Any]:
    names = dice.sample(test_dialect.FIELDS, dice.randrange(len(test_dialect.FIELDS)))
    body = json.dumps({name: dice.choice(_VALUES) for name in names}).encode()
    return {"status": dice.choice((200, 201, 302, 400, 429, 503)), "body": _with_noise(dice, body)}


# What is tried, and how its inputs are made.
_PROPERTIES: list[tuple[Any, Callable[[random.Random], dict[str, Any]]]] = [
    (test_reply_reader.test_it_does_not_matter_in_which_pieces_bytes_arrive, _reply),
    (test_form_reading.test_a_form_is_read_as_the_standard_library_reads_it, _form),
    (test_form_reading.test_a_refusal_quotes_nothing, _form),
    (test_dialect.test_whatever_tiktok_answers_is_a_token_response_or_an_error, _answer),
]


def main(wanted: int, seed: int) -> None:
    """Try the properties in turn, say how far it is, and stop at the first input that breaks one."""
    dice, begun = random.Random(seed), time.monotonic()  # noqa: S311  # that it can be repeated is the point
    print(f"seed {seed}")
    for tried in range(1, wanted + 1):
        test, make = _PROPERTIES[tried % len(_PROPERTIES)]
        given = make(dice)
        try:
            test.hypothesis.inner_test(**given)
        except BaseException:
            print(f"{test.__name__} does not hold for {given}")
            raise
        if tried % _AT_ONCE == 0 or tried == wanted:
            print(f"{tried:,} of {wanted:,} inputs in {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main(*map(int, [*sys.argv[1:], *[_INPUTS, secrets.randbits(32)][len(sys.argv) - 1 :]]))
