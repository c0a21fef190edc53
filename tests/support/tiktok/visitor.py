"""A client of the emulated TikTok: a browser without scripts, and an app's server."""

from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx2

KEY = "awtestkey"
DESKTOP_KEY = "awdesktopkey"
SECRET = "secret of the app"
CALLBACK = "https://tenant.example/login/callback"
DESKTOP_CALLBACK = "http://localhost:3000/callback"
REQUEST = {
    "client_key": KEY,
    "response_type": "code",
    "scope": "user.info.basic,user.info.profile",
    "redirect_uri": CALLBACK,
    "state": "a state",
}
CREDENTIALS = {"client_key": KEY, "client_secret": SECRET}

Answer = dict[str, Any]


def query_of(response: httpx2.Response) -> dict[str, str]:
    """Return the query of where the response redirects to, decoded once."""
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


class Visitor:
    """Calls one origin, follows no redirects, and keeps cookies."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.http = httpx2.Client(base_url=origin, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def authorize(self, **changes: str) -> httpx2.Response:
        """Send the authorization request with changes; an empty value removes the parameter."""
        return self.http.get("/v2/auth/authorize/", params=_changed(REQUEST, changes))

    def decide(self, *scopes: str, person: str = "ada", decision: str = "allow", **changes: str) -> httpx2.Response:
        """Post the form of the consent page, with the optional scopes that are ticked."""
        form = {"person": person, "decision": decision, "scope": list(scopes)}
        return self.http.post("/v2/auth/authorize/", params=_changed(REQUEST, changes), data=form)

    def code(self, *scopes: str, person: str = "ada", **changes: str) -> str:
        """Return the code that comes of a person's consent."""
        return query_of(self.decide(*scopes, person=person, **changes))["code"]

    def token(self, **changes: str) -> httpx2.Response:
        """Post to the token endpoint, by default without a code."""
        form = {**CREDENTIALS, "grant_type": "authorization_code", "redirect_uri": CALLBACK}
        return self.http.post("/v2/oauth/token/", data=_changed(form, changes))

    def refresh(self, refresh_token: str) -> httpx2.Response:
        """Post a refresh token."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, redirect_uri="")

    def sign_in(self, *scopes: str, person: str = "ada") -> Answer:
        """Return the tokens of a whole sign-in."""
        answer: Answer = self.token(code=self.code(*scopes, person=person)).json()
        return answer

    def user_info(self, token: str, fields: str = "open_id") -> httpx2.Response:
        """Request user info with the token."""
        return self.http.get("/v2/user/info/", params={"fields": fields}, headers={"authorization": f"Bearer {token}"})


def _changed(parameters: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in (parameters | changes).items() if value}


def refusal(response: httpx2.Response) -> tuple[int, str, str]:
    """Return status, error and description of a refusal of the OAuth endpoints."""
    body = response.json()
    assert set(body) == {"error", "error_description", "log_id"}
    return response.status_code, body["error"], body["error_description"]
