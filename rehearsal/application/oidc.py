"""A typed wrapper of the three calls of Authlib's OpenID Connect client that the application makes."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError  # pyright: ignore[reportMissingTypeStubs]  # has none
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

Profile = dict[str, Any]
"""The claims of an ID token (OpenID Connect Core 1.0, section 2)."""


class SignInFailedError(Exception):
    """The sign-in failed; ``error`` and ``description`` come from the provider or from the check of its answer."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}" if description else error)
        self.error = error
        self.description = description


@dataclass(frozen=True, kw_only=True)
class Client:
    """The application as Auth0 knows it; without ``secret`` it is a public client, and PKCE alone guards the code."""

    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    connection: str = "tiktok"
    scope: str = "openid profile"

    def provider(self) -> "Provider":
        """Return the provider as seen from this application; its discovery document is read at the first use."""
        return Provider(self)


class Provider:
    """Auth0, for one application."""

    def __init__(self, client: Client) -> None:
        """Register ``client``."""
        self._connection = client.connection
        self._issuer = client.issuer.rstrip("/")
        self._auth0: Any = cast("Any", OAuth()).register(
            "auth0",
            client_id=client.client_id,
            client_secret=client.secret or None,
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": client.scope,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_post" if client.secret else "none",
            },
        )

    async def send(self, request: Request, callback: str) -> Response:
        """Send the browser to Auth0, to come back to ``callback``, or raise ``SignInFailedError``.

        ``connection`` skips Auth0's own login page.
        """
        with _failures():
            return await self._auth0.authorize_redirect(request, callback, connection=self._connection)

    async def receive(self, request: Request) -> Profile:
        """Exchange the code in the request and return the verified claims, or raise ``SignInFailedError``."""
        with _failures():
            token = await self._auth0.authorize_access_token(request)
        if "userinfo" not in token:
            raise SignInFailedError("invalid_token", "The answer holds no ID token.")
        return dict(token["userinfo"])

    def sign_out_address(self) -> str:
        """Return where the browser ends its session with Auth0 (https://auth0.com/docs/api/authentication/logout)."""
        return f"{self._issuer}/v2/logout"


@contextmanager
def _failures() -> Generator[None]:
    """Raise ``SignInFailedError`` for every error of a call to Auth0."""
    try:
        yield
    except OAuthError as refused:
        said = cast("Any", refused)
        raise SignInFailedError(said.error or "", said.description or "") from refused
    except JoseError as invalid:
        raise SignInFailedError("invalid_token", f"The ID token is not valid: {invalid}") from invalid
    except httpx2.HTTPError as unreachable:
        raise SignInFailedError("temporarily_unavailable", f"Auth0 does not answer: {unreachable}") from unreachable
