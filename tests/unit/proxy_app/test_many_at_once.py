"""Two hundred people sign in at once, and each gets their own token."""

import asyncio

import httpx2

from tests.support.proxy.emulated_tiktok import Stage, stage
from tests.support.proxy.made_up import REDIRECT_URI, remember, token_form

PEOPLE = [f"person-{number}" for number in range(200)]


async def sign_in_all(staged: Stage, codes: list[str]) -> list[httpx2.Response]:
    async with httpx2.AsyncClient(limits=httpx2.Limits(max_connections=None), timeout=60, trust_env=False) as client:
        return await asyncio.gather(*(client.post(staged.token_url, data=token_form(code=code)) for code in codes))


def test_each_of_200_people_gets_their_own_token() -> None:
    with stage() as staged:
        people = [staged.tiktok.add_person(name) for name in PEOPLE]
        codes = [remember(staged.tiktok.issue_code(staged.app, name, REDIRECT_URI)) for name in PEOPLE]

        replies = asyncio.run(sign_in_all(staged, codes))

        assert [reply.status_code for reply in replies] == [200] * 200
        assert [reply.json()["open_id"] for reply in replies] == [
            staged.tiktok.open_id(staged.app, person) for person in people
        ]
        assert sorted(form["code"] for form in staged.tiktok.received.token) == sorted(codes)
        tokens = [remember(reply.json()["access_token"]) for reply in replies]
        assert len(set(tokens)) == 200
        assert [staged.name_of(token) for token in tokens] == [person.display_name for person in people]
