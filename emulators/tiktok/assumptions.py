"""What TikTok does where its documents are silent, disagree with each other, or with what was observed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """One field for each assumption; change them with ``TikTok.assume``."""

    # The paths are documented with a trailing slash. Auth.js, arctic and better-auth leave it out here, and work.
    unslashed_authorize: Literal["redirect", "refuse"] = "redirect"
    # Observed for token and revoke, and assumed for user info: a path without its slash does not exist.
    unslashed_user_info: Literal["accept", "refuse"] = "refuse"
    # Observed: the browser must log in before the client and the scopes are checked. A probe without a session then
    # proves nothing.
    login_before_checks: bool = True
    # Not documented for the web; access_denied is in TikTok's list of errors.
    cancel_error: str = "access_denied"
    # Not documented. Reports say 60 s, 5 min and 10 min.
    code_seconds: int = 60
    # Observed by some.
    failed_exchange_burns_code: bool = True
    # Auth.js strips "; charset=UTF-8" because it was refused; another client sends it without trouble.
    accept_charset: bool = False
    # The documents give no status. Observed is 200; RFC 6749 would have 400 and 401.
    errors_with_status_200: bool = True
    # The newer pages say "rotated", the older ones "may differ".
    refresh_rotation: bool = True
    # The newer pages (November 2026): 2 hours and 180 days. ``EARLIER_LIFETIMES`` has those of the older pages.
    access_seconds: int = 7_200
    refresh_seconds: int = 15_552_000
    # Documented for production: 600 calls of user info in a sliding minute. Sandboxes may differ.
    user_info_per_minute: int = 600


EARLIER_LIFETIMES = {"access_seconds": 86_400, "refresh_seconds": 31_536_000}
