"""The emulated TikTok with the proxy before it, and a browser in which a person says yes."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2

from emulators.kit.serving import serving
from emulators.tiktok import App, TikTok, create_app
from tests.support.proxy.made_up import CLIENT_KEY, CLIENT_SECRET, REDIRECT_URI, remember
from tests.support.proxy.running_proxy import running_proxy


@dataclass(frozen=True)
class Stage:
    """An emulated TikTok, the proxy before it, and a browser to visit them with."""

    tiktok: TikTok
    app: App
    origin: str
    token_url: str
    browser: httpx2.Client

    @property
    def authorize_url(self) -> str:
        """Where a browser is sent."""
        return f"{self.origin}/v2/auth/authorize/"

    def allow(self, url: str, person: str) -> str:
        """Say yes at the authorize URL, and return the address that the browser is sent back to."""
        form = {"person": person, "scope": ["user.info.profile"], "decision": "allow"}
        reply = self.browser.post(url, data=form)
        remember(httpx2.URL(reply.headers["location"]).params["code"])
        return reply.headers["location"]

    def name_of(self, access_token: str) -> str:
        """Ask TikTok whose token this is."""
        headers = {"authorization": f"Bearer {remember(access_token)}"}
        url = f"{self.origin}/v2/user/info/?fields=display_name"
        return self.browser.get(url, headers=headers).json()["data"]["user"]["display_name"]


@contextmanager
def stage() -> Generator[Stage]:
    """Serve both while the block lasts: TikTok in this process, the proxy in one of its own."""
    tiktok = TikTok()
    app = tiktok.register_app(CLIENT_KEY, CLIENT_SECRET, [REDIRECT_URI])
    with (
        serving(create_app(tiktok)) as origin,
        running_proxy(TIKTOK_TOKEN_URL=f"{origin}/v2/oauth/token/") as proxy,
        httpx2.Client(trust_env=False) as browser,
    ):
        yield Stage(tiktok, app, origin, f"{proxy.origin}/proxy/token", browser)
