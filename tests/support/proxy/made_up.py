"""Secrets for the tests: every one is remembered, so that the logs can be searched for all of them at the end."""

import secrets

EVERY_SECRET: set[str] = set()


def made_up(kind: str) -> str:
    """Return a new value that no log may contain."""
    return remember(f"{kind}-{secrets.token_urlsafe(16)}")


def remember(value: str) -> str:
    """Return ``value``, which no log may contain either."""
    EVERY_SECRET.add(value)
    return value


CLIENT_KEY = made_up("key")
CLIENT_SECRET = made_up("secret")
REDIRECT_URI = "https://tenant.example/login/callback"


def token_form(**changes: str) -> dict[str, str]:
    """Return a good request for a token, with a code of its own; a change to "" leaves the parameter empty."""
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_KEY,
        "client_secret": CLIENT_SECRET,
        "code": made_up("code*1!"),
        "redirect_uri": REDIRECT_URI,
    }
    return form | changes


def refresh_form(**changes: str) -> dict[str, str]:
    """Return a good request to refresh a token."""
    form = {
        "grant_type": "refresh_token",
        "client_id": CLIENT_KEY,
        "client_secret": CLIENT_SECRET,
        "refresh_token": made_up("rft"),
    }
    return form | changes


def granted(**changes: object) -> dict[str, object]:
    """Return a success as TikTok documents it."""
    answer: dict[str, object] = {
        "access_token": made_up("act"),
        "expires_in": 86400,
        "open_id": "-000EXAMPLE",
        "refresh_expires_in": 31536000,
        "refresh_token": made_up("rft"),
        "scope": "user.info.basic,user.info.profile",
        "token_type": "Bearer",
    }
    return answer | changes
