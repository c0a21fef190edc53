"""An application on python-social-auth that signs in with the variables in its environment.

It signs in over https, as a person whom it adds to TikTok first, and prints the claims as JSON.
"""

import json
import os
import sys
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from social_core.backends.open_id_connect import OpenIdConnectAssociation, OpenIdConnectAuth
from social_core.storage import AssociationMixin
from social_core.strategy import BaseStrategy


class _Kept(AssociationMixin):
    """A nonce with the time that it was made."""

    def __init__(self, association: OpenIdConnectAssociation) -> None:
        self.id = self.handle = association.handle
        self.issued, self.lifetime, self.assoc_type = association.issued, association.lifetime, association.assoc_type


class _Associations:
    """The nonces of sign-ins under way; a table in most applications."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def store(self, _url: str, association: OpenIdConnectAssociation) -> None:
        self._kept[association.handle] = _Kept(association)

    def get(self, handle: str, **_more: object) -> list[_Kept]:
        return [self._kept[handle]] if handle in self._kept else []

    def remove(self, handles: list[str]) -> None:
        for handle in handles:
            del self._kept[handle]


class _States(set[tuple[object, ...]]):
    """The states of sign-ins under way; another table."""

    def use(self, *state: object) -> bool:
        self.add(state)
        return True

    def consume(self, *state: object) -> bool:
        known = state in self
        self.discard(state)
        return known


class Application(BaseStrategy[str]):
    """One request at a time: ``settings`` of the application, and ``query`` of the callback."""

    def __init__(self, **settings: object) -> None:
        """Remember nobody yet."""
        super().__init__()
        self._storage: Any = SimpleNamespace(association=_Associations(), nonce=_States())
        self._settings = {f"SOCIAL_AUTH_OIDC_{name}": value for name, value in settings.items()}
        self._session: dict[str, Any] = {}
        self.query: dict[str, str] = {}

    def get_setting(self, name: str) -> object:
        """Return a setting by its whole name."""
        return self._settings[name]

    def get_request_data(self, merge: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002  # as the library has it
        """Return the query of the callback."""
        return self.query

    def session_get(self, name: str, default: object = None) -> Any:  # noqa: ANN401  # as the library has it
        """Return what was kept of this browser."""
        return self._session.get(name, default)

    def session_set(self, name: str, value: object) -> None:
        """Keep it for this browser."""
        self._session[name] = value

    def session_pop(self, name: str) -> Any:  # noqa: ANN401  # as the library has it
        """Forget it."""
        return self._session.pop(name, None)

    def build_absolute_uri(self, path: str | None = None) -> str:
        """Return addresses as they are: they are whole."""
        return path or ""

    def authenticate(self, backend: Any, *_args: object, **kwargs: Any) -> Any:  # noqa: ANN401  # as the library has it
        """Return the claims of the ID token that the library has checked, and what userinfo told."""
        return {**backend.id_token, **kwargs["response"]}


def _consent(address: str, person: str, callback: str) -> dict[str, str]:
    """Go to ``address`` as a browser would, allow, and return the query that the callback is given."""
    with requests.Session() as browser:
        page = browser.get(address, timeout=10)
        form = {"person": person, "scope": "user.info.profile", "decision": "allow"}
        answer = browser.post(page.url, data=form, timeout=10, allow_redirects=False)
        while not (target := answer.headers["location"]).startswith(callback):
            answer = browser.get(target, timeout=10, allow_redirects=False)
    return dict(parse_qsl(urlsplit(target).query))


def main(callback: str) -> None:
    """Add a person, sign them in, and print their claims."""
    told = os.environ
    added = {"name": "eve", "display_name": "Eve Elsewhere", "username": "eve.elsewhere"}
    requests.post(f"{told['TIKTOK_CONTROLS']}/add_person", json=added, timeout=10).raise_for_status()
    application = Application(
        KEY=told["AUTH0_CLIENT_ID"],
        SECRET=told["AUTH0_CLIENT_SECRET"],
        OIDC_ENDPOINT=told["AUTH0_ISSUER_BASE_URL"],
        AUTH_EXTRA_ARGUMENTS={"connection": told["AUTH0_CONNECTION"]},
        USE_PKCE=True,
    )
    backend: Any = OpenIdConnectAuth(application, redirect_uri=callback)
    application.query = _consent(backend.auth_url(), "eve", callback)
    backend.data = application.query
    claims = backend.auth_complete()
    print(json.dumps({name: claims[name] for name in ("iss", "sub", "name", "nickname")}))  # noqa: T201  # what it is for


if __name__ == "__main__":
    main(sys.argv[1])
