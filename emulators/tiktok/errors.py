"""TikTok's three dialects of saying no, and where each of them is answered."""

import secrets
import time

_OAUTH_STATUSES = {"invalid_client": 401, "server_error": 500, "temporarily_unavailable": 503}
_API_STATUSES = {
    "access_token_invalid": 401,
    "scope_not_authorized": 401,
    "rate_limit_exceeded": 429,
    "internal_error": 500,
}


class WrongSettingsError(Exception):
    """An app's settings do not match the authorization request: TikTok's own page says so, and nobody is redirected."""

    ITEMS = frozenset({"client_key", "redirect_uri", "scope", "code_challenge", "non_sandbox_target"})

    def __init__(self, item: str) -> None:
        """Name the one item that is to be corrected."""
        super().__init__(item)
        self.item = item


class OAuthError(Exception):
    """The OAuth endpoints' error: a string, at the top level (developers.tiktok.com/doc/oauth-error-handling)."""

    def __init__(self, error: str, description: str) -> None:
        """Say which error, and TikTok's sentence for it."""
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description

    @property
    def status(self) -> int:
        """The status that RFC 6749 5.2 gives this error, and TikTok does not."""
        return _OAUTH_STATUSES.get(self.error, 400)


class ApiError(Exception):
    """User info's error: an object beside ``data`` (developers.tiktok.com/doc/tiktok-api-v2-error-handling)."""

    def __init__(self, code: str, message: str) -> None:
        """Say which code, and TikTok's sentence for it."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The status that TikTok documents for this code."""
        return _API_STATUSES.get(self.code, 400)


def log_id() -> str:
    """Return an id as TikTok gives one to each request: 14 digits of the time and 20 hexadecimal ones."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime()) + secrets.token_hex(10).upper()
