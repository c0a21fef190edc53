"""A whole sign-in: a person's browser, the application, Auth0, TikTok, the proxy, and the profile script in Node."""

import asyncio
import secrets
from dataclasses import dataclass

import httpx2
from joserfc import jwt

from rehearsal.emulated_vendors import APPLICATION
from tests.support.load.chain import Chain
from tests.support.load.signing_in import PERSONS

CALLBACK = "http://localhost:3000/callback"
_PATIENCE_SECONDS = 60
# The profile script gives TikTok five seconds, which fifty processes of Node would use up on two cores by themselves.
_SCRIPTS_AT_ONCE = 5


@dataclass(frozen=True, kw_only=True)
class Welcome:
    """Who signed in, by the claims of the ID token."""

    person: str
    subject: str
    name: str


def welcomes(chain: Chain, *, times: int) -> list[Welcome]:
    """Sign all fifty persons in at once, each ``times`` times in a row and each time with a new browser.

    All may be at TikTok together, but only a few may return from it at once.
    """
    way_back = asyncio.Semaphore(_SCRIPTS_AT_ONCE)

    async def by(person: str) -> list[Welcome]:
        return [await _sign_in(chain, person, way_back) for _ in range(times)]

    async def at_once() -> list[list[Welcome]]:
        return await asyncio.gather(*map(by, PERSONS))

    return [welcome for each in asyncio.run(at_once()) for welcome in each]


async def _sign_in(chain: Chain, person: str, way_back: asyncio.Semaphore) -> Welcome:
    # A kept connection would be closed while this browser waits for its turn. Reading certificates takes long, and all
    # addresses are http.
    new = httpx2.Limits(max_keepalive_connections=0)
    async with httpx2.AsyncClient(limits=new, timeout=_PATIENCE_SECONDS, trust_env=False, verify=False) as browser:
        code = await _code_for_the_application(chain, browser, person, way_back)
        tokens = await browser.post(f"{chain.vendors.login_origin}/oauth/token", data=_exchange(chain, code))
    claims = jwt.decode(tokens.json()["id_token"], chain.vendors.tenant.login.keys.current, algorithms=["RS256"]).claims
    return Welcome(person=person, subject=claims["sub"], name=claims["name"])


async def _code_for_the_application(
    chain: Chain, browser: httpx2.AsyncClient, person: str, way_back: asyncio.Semaphore
) -> str:
    asked = {
        "response_type": "code",
        "client_id": APPLICATION,
        "redirect_uri": CALLBACK,
        "scope": "openid profile",
        "state": secrets.token_urlsafe(),
        "connection": "tiktok",
    }
    to_tiktok = await browser.get(f"{chain.vendors.login_origin}/authorize", params=asked)
    consent = {"person": person, "scope": "user.info.profile", "decision": "allow"}
    to_auth0 = await browser.post(to_tiktok.headers["location"], data=consent)
    async with way_back:
        to_application = await browser.get(to_auth0.headers["location"])
    brought = httpx2.URL(to_application.headers["location"]).params
    assert brought.get("state") == asked["state"]
    assert "code" in brought, brought
    return brought["code"]


def _exchange(chain: Chain, code: str) -> dict[str, str]:
    secret = chain.vendors.tenant.clients[APPLICATION]["client_secret"]
    own = {"client_id": APPLICATION, "client_secret": secret, "redirect_uri": CALLBACK}
    return {"grant_type": "authorization_code", "code": code, **own}
