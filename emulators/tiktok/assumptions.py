"""Assumptions about undocumented behaviour of TikTok."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """TikTok's behaviour where its documents say nothing or disagree; change it with ``TikTok.assume``."""

    unslashed_authorize: Literal["redirect", "refuse"] = "redirect"
    """What the authorize path does without its slash. Source: Auth.js, arctic and better-auth send it so, and work."""

    unslashed_user_info: Literal["accept", "refuse"] = "refuse"
    """What user info does without its slash. Source: observed for the token and revoke paths."""

    login_before_checks: bool = True
    """Whether a browser must log in before the app's settings are checked. Source: observed."""

    cancel_error: str = "access_denied"
    """The error that an app gets if a person cancels. Source: TikTok's list of errors."""

    code_seconds: int = 60
    """How long a code can be exchanged. Source: reports of 60 seconds, 5 minutes and 10 minutes; the shortest."""

    failed_exchange_burns_code: bool = True
    """Whether a code is used up by an exchange that fails. Source: observed by some."""

    accept_charset: bool = False
    """Whether a form may have ``; charset=UTF-8``. Source: nextauthjs/next-auth#11468; other clients send it."""

    errors_with_status_200: bool = True
    """Whether the OAuth endpoints answer errors with status 200 and not RFC 6749's. Source: observed by several."""

    refresh_rotation: bool = True
    """Whether a refresh ends the old refresh token. Source: the newer pages; the older ones say "may differ"."""

    access_seconds: int = 7_200
    """How long an access token lasts. Source: the newer pages (November 2026)."""

    refresh_seconds: int = 15_552_000
    """How long a refresh token lasts. Source: the same."""

    user_info_per_minute: int = 600
    """How many calls of user info an app may send in a sliding minute. Source: documented, but not for sandboxes."""


EARLIER_LIFETIMES = {"access_seconds": 86_400, "refresh_seconds": 31_536_000}
"""Lifetimes according to TikTok's older pages."""
