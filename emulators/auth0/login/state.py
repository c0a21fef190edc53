"""A tenant's records of sign-ins, one type per step; a record never changes."""

import secrets
from dataclasses import dataclass, field
from typing import Any, TypeVar

from emulators.auth0.login.keys import SigningKeys

T = TypeVar("T")
BROWSER_COOKIE = "auth0_transaction"

Profile = dict[str, Any]
"""What a profile script returns."""


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """An application's request at /authorize; ``origin`` is the tenant's, as the browser sees it."""

    client_id: str
    redirect_uri: str
    origin: str
    parameters: dict[str, str]

    @property
    def response_type(self) -> frozenset[str]:
        """The words of response_type, whose order does not matter."""
        return frozenset(self.parameters.get("response_type", "").split())

    @property
    def response_mode(self) -> str:
        default = "fragment" if self.response_type & {"token", "id_token"} else "query"
        return self.parameters.get("response_mode") or default

    @property
    def needs_auth_time(self) -> bool:
        """Whether the ID token has auth_time.

        https://auth0.com/docs/authenticate/login/max-age-reauthentication
        """
        return "max_age" in self.parameters or self.parameters.get("prompt") == "login"

    @property
    def provider_callback(self) -> str:
        """The address that the provider sends the browser back to."""
        return f"{self.origin}/login/callback"


@dataclass(frozen=True, kw_only=True)
class PendingSignIn:
    """A sign-in whose browser is at the provider; only the same browser may finish it."""

    request: AuthorizationRequest
    connection: str
    browser: str
    saw_login_page: bool
    code_verifier: str = ""


@dataclass(frozen=True, kw_only=True)
class ScriptRun:
    """One run of a profile script; it has a profile or an error. ``began`` is in seconds since 1970."""

    ctx: dict[str, Any]
    began: float
    seconds: float
    profile: Profile = field(default_factory=Profile)
    error: str = ""
    console: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Session:
    """A browser that is signed in to Auth0; ``auth_time`` is in seconds since 1970."""

    connection: str
    user_id: str
    auth_time: float
    sid: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A finished sign-in, with a session or an error; ``script_run`` is None if no script ran."""

    request: AuthorizationRequest
    connection: str = ""
    session: Session | None = None
    error: str = ""
    script_run: ScriptRun | None = None

    @property
    def user_id(self) -> str:
        return self.session.user_id if self.session else ""


@dataclass(frozen=True, kw_only=True)
class Unconfirmed:
    """A sign-in that succeeds if the user confirms it, in the browser whose cookie has this value."""

    sign_in: SignIn
    session: str


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a code or token grants; ``expires`` is in seconds since 1970."""

    client_id: str
    user_id: str
    scope: str
    expires: float
    audience: str = ""
    sid: str = ""
    auth_time: float = 0.0
    """0 if the ID token does not tell it."""

    redirect_uri: str = ""
    nonce: str = ""
    challenge: str = ""
    family: str = ""
    """Refresh tokens that were rotated from one another have the same."""


@dataclass(kw_only=True)
class Login:
    """The part of a tenant that signs people in."""

    pending: dict[str, PendingSignIn] = field(default_factory=dict[str, PendingSignIn])
    """By the state that was sent to the provider."""

    choices: dict[str, AuthorizationRequest] = field(default_factory=dict[str, AuthorizationRequest])
    """Requests whose user is choosing a connection on the login page."""

    unconfirmed: dict[str, Unconfirmed] = field(default_factory=dict[str, Unconfirmed])
    sign_ins: list[SignIn] = field(default_factory=list[SignIn])
    codes: dict[str, Grant] = field(default_factory=dict[str, Grant])
    refresh_tokens: dict[str, Grant] = field(default_factory=dict[str, Grant])
    spent_refresh_tokens: dict[str, str] = field(default_factory=dict[str, str])
    """The families of refresh tokens that were rotated."""

    access_tokens: dict[str, Grant] = field(default_factory=dict[str, Grant])
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    """By the value of the session's cookie."""

    logouts: dict[str, str] = field(default_factory=dict[str, str])
    """Where logouts go that the user has to confirm."""

    keys: SigningKeys = field(default_factory=SigningKeys)


def issue(issued: dict[str, T], what: T) -> str:
    """Add ``what`` to ``issued`` and return the new random key: a code, a token, a state or a cookie's value."""
    key = secrets.token_urlsafe(32)
    issued[key] = what
    return key
