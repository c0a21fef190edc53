"""A browser without a screen: a cookie jar, and one step of the sign-in at a time."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from tests.unit.emulators.auth0.conftest import CALLBACK, ConnectedTenant

VERIFIER = "a" * 50
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorization_request(**more: str) -> dict[str, str]:
    """Return an application's request, with PKCE."""
    asked = {"response_type": "code", "client_id": "app", "redirect_uri": CALLBACK, "scope": "openid profile"}
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    return {**asked, **pkce, "state": "application-state", "nonce": "n-1", "connection": "tiktok", **more}


def redirect_parameters(response: httpx2.Response) -> dict[str, str]:
    """Return the parameters that a redirect brings."""
    assert response.status_code == 302, response.text
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


class Browser(httpx2.Client):
    """Follows nothing by itself, so that each hop can be looked at."""

    def go_to_tiktok(self, connected: ConnectedTenant, **more: str) -> str:
        """Begin a sign-in and return the address at TikTok that the browser is sent to."""
        response = self.get(f"{connected.origin}/authorize", params=authorization_request(**more))
        assert response.status_code == 302, response.text
        return response.headers["location"]

    def allow(self, address: str, decision: str = "allow") -> str:
        """Decide at TikTok, as Ada, and return where the browser is sent."""
        form = {"person": "ada", "scope": "user.info.basic", "decision": decision}
        return self.post(address, data=form).headers["location"]

    def sign_in(self, connected: ConnectedTenant, **more: str) -> dict[str, str]:
        """Go the whole way and return what the application's callback is given."""
        return redirect_parameters(self.get(self.allow(self.go_to_tiktok(connected, **more))))


def exchange(connected: ConnectedTenant, code: str, **more: str) -> httpx2.Response:
    """Exchange a code as the application does."""
    form = {"grant_type": "authorization_code", "client_id": "app", "client_secret": "app-secret", "code": code}
    own = {"redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return httpx2.post(f"{connected.origin}/oauth/token", data={**form, **own, **more})


def logged(connected: ConnectedTenant) -> list[dict[str, Any]]:
    """Return the tenant's log, the oldest first."""
    return connected.tenant.log
