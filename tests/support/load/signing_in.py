"""Fifty people sign in at the same time, repeatedly, up to the token that Auth0 gets for each."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2

from emulators.tiktok.registry import person_digest
from emulators.tiktok.signing import read_token
from tests.support.google_cloud.deploying import eventually
from tests.support.load.chain import Chain

PERSONS = [f"person-{number}" for number in range(1, 51)]
_PATIENCE_SECONDS = 60
_OK = 200


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """The result of one sign-in, with its begin and end in seconds of ``time.monotonic``."""

    person: str
    code: str
    status: int
    token: str
    open_id: str
    began: float
    ended: float


def signed_in(chain: Chain, *, times: int) -> list[SignIn]:
    """Let all fifty sign in at once, each so many times in a row."""
    sign_ins: list[SignIn] = []
    asyncio.run(_all_sign_in(chain, sign_ins, lambda person: Counter(each.person for each in sign_ins)[person] < times))
    return sign_ins


@contextmanager
def signing_in(chain: Chain, *, at_least: int) -> Generator[list[SignIn]]:
    """Let all fifty sign in while the block lasts, which begins in the midst of it, ``at_least`` so many times."""
    sign_ins: list[SignIn] = []
    over = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        load = thread.submit(
            lambda: asyncio.run(_all_sign_in(chain, sign_ins, lambda _: not over.is_set() or len(sign_ins) < at_least))
        )
        try:
            eventually(lambda: len(sign_ins) >= len(PERSONS) or load.done(), _PATIENCE_SECONDS)
            yield sign_ins
        finally:
            over.set()
            load.result(_PATIENCE_SECONDS)


async def _all_sign_in(chain: Chain, sign_ins: list[SignIn], goes_on: Callable[[str], bool]) -> None:
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(limits=limits, timeout=_PATIENCE_SECONDS, trust_env=False) as auth0:

        async def keep_signing_in(person: str) -> None:
            while goes_on(person):
                sign_ins.append(await _sign_in(chain, auth0, person))

        await asyncio.gather(*map(keep_signing_in, PERSONS))


async def _sign_in(chain: Chain, auth0: httpx2.AsyncClient, person: str) -> SignIn:
    code = chain.vendors.tiktok.issue_code(chain.app, person, chain.callback)
    form = {
        "grant_type": "authorization_code",
        "client_id": chain.options["client_id"],
        "client_secret": chain.options["client_secret"],
        "code": code,
        "redirect_uri": chain.callback,
    }
    began = time.monotonic()
    reply = await auth0.post(chain.options["tokenURL"], data=form)
    ended = time.monotonic()
    answer: dict[str, str] = reply.json() if reply.is_success else {}
    return SignIn(
        person=person,
        code=code,
        status=reply.status_code,
        token=answer.get("access_token", ""),
        open_id=answer.get("open_id", ""),
        began=began,
        ended=ended,
    )


def lost(sign_ins: list[SignIn]) -> list[SignIn]:
    """Return the sign-ins that brought no token."""
    return [each for each in sign_ins if each.status != _OK]


def mistaken(chain: Chain, sign_ins: list[SignIn]) -> list[SignIn]:
    """Return the sign-ins that brought a token, but none that TikTok made for that person."""
    return [each for each in sign_ins if each.status == _OK and not _is_own(chain, each)]


def _is_own(chain: Chain, sign_in: SignIn) -> bool:
    grant = read_token(chain.app, "act.", sign_in.token)
    own_id = chain.vendors.tiktok.open_id(chain.app, chain.vendors.tiktok.persons[sign_in.person])
    return grant is not None and grant.person == person_digest(sign_in.person) and sign_in.open_id == own_id


def submissions(chain: Chain, sign_ins: list[SignIn]) -> Counter[int]:
    """Tell how many of the codes reached TikTok once, how many twice, and so on."""
    received = Counter(form["code"] for form in chain.vendors.tiktok.received.token)
    return Counter(received[each.code] for each in sign_ins)
