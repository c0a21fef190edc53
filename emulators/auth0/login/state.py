"""What a tenant remembers of sign-ins: those under way, and what they ended in."""

import secrets
import ssl
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import RSAKey

from emulators.auth0.login.hops import Hop


@dataclass(kw_only=True)
class SignIn:
    """One sign-in, from the application's request to the code that the application gets, and every hop of it."""

    client_id: str
    redirect_uri: str
    connection: str = ""
    asked: dict[str, str] = field(default_factory=dict[str, str])
    upstream_redirect_uri: str = ""
    upstream_verifier: str = ""
    browser: str = ""
    outcome: str = "under way"
    user_id: str = ""
    console: list[str] = field(default_factory=list[str])
    hops: list[Hop] = field(default_factory=list[Hop])


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a code or a refresh token stands for; ``expires`` in seconds since 1970."""

    client_id: str
    user_id: str
    scope: str
    expires: float
    redirect_uri: str = ""
    nonce: str = ""
    challenge: str = ""
    sign_in: SignIn | None = None


@dataclass(kw_only=True)
class Login:
    """The part of a tenant that signs people in."""

    sign_ins: list[SignIn] = field(default_factory=list[SignIn])
    under_way: dict[str, SignIn] = field(default_factory=dict[str, SignIn])
    codes: dict[str, Grant] = field(default_factory=dict[str, Grant])
    refresh_tokens: dict[str, Grant] = field(default_factory=dict[str, Grant])
    access_tokens: dict[str, Grant] = field(default_factory=dict[str, Grant])
    sessions: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    _key: RSAKey | None = None

    @property
    def key(self) -> RSAKey:
        """The key that signs ID tokens, made when it is first needed."""
        if self._key is None:
            self._key = RSAKey.generate_key(2048, parameters={"alg": "RS256", "use": "sig"}, auto_kid=True)
        return self._key

    def begin(self, sign_in: SignIn) -> str:
        """Keep a sign-in that goes to the provider, and return the state that brings it back."""
        state = secrets.token_urlsafe(24)
        self.under_way[state] = sign_in
        return state

    def keep(self, kept: dict[str, Grant], grant: Grant) -> str:
        """Keep a grant among ``kept`` and return the random value that it is known by."""
        value = secrets.token_urlsafe(32)
        kept[value] = grant
        return value

    def start_session(self, connection: str, user_id: str) -> str:
        """Let a browser be known by the cookie value that is returned."""
        session = secrets.token_urlsafe(32)
        self.sessions[session] = {"connection": connection, "user_id": user_id}
        return session


Profile = dict[str, Any]
"""What a profile script makes of a person."""
