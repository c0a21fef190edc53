"""Authlib's OpenID Connect client, with the three calls of it that the application makes, typed."""

from dataclasses import dataclass, field
from typing import Any, cast

from authlib.integrations.starlette_client import OAuth, OAuthError  # pyright: ignore[reportMissingTypeStubs]  # has none
from starlette.requests import Request
from starlette.responses import Response

Profile = dict[str, Any]
"""The claims of an ID token (OpenID Connect Core 1.0, section 2)."""


class SignInFailed(Exception):
    """Nobody was signed in; ``error`` and ``description`` are what the provider, or the check of its answer, said."""

    def __init__(self, error: str, description: str) -> None:
        """Keep what was said."""
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
        self._auth0: Any = cast("Any", OAuth()).register(
            "auth0",
            client_id=client.client_id,
            client_secret=client.secret or None,
            server_metadata_url=f"{client.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": client.scope,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_post" if client.secret else "none",
            },
        )

    async def send(self, request: Request, callback: str) -> Response:
        """Send the browser to Auth0, to come back to ``callback``; ``connection`` skips Auth0's own login page."""
        return await self._auth0.authorize_redirect(request, callback, connection=self._connection)

    async def receive(self, request: Request) -> Profile:
        """Exchange the code that the browser brought, and return the checked claims; raises ``SignInFailed``."""
        try:
            token = await self._auth0.authorize_access_token(request)
        except OAuthError as refused:
            said = cast("Any", refused)
            raise SignInFailed(said.error or "", said.description or "") from refused
        return dict(token["userinfo"])

    async def sign_out_address(self) -> str:
        """Return where the browser ends its session with Auth0 (OpenID Connect RP-Initiated Logout, or /v2/logout)."""
        metadata = await self._auth0.load_server_metadata()
        issuer: str = metadata["issuer"]
        return f"{issuer.rstrip('/')}/v2/logout"
