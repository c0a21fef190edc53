"""How strict the emulator is, rule by rule."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What TikTok insists on, as far as that is known; each rule can be switched off, each lifetime moved (seconds)."""

    exact_paths: bool = True  # off: the trailing slash may be missing
    client_key_only: bool = True  # off: client_id is read where client_key is missing
    exact_redirect_uri: bool = True  # off: any redirect URI is accepted, at authorize and at token
    comma_scopes: bool = True  # off: blanks separate scopes too
    approved_scopes_only: bool = True  # off: an app may ask for scopes that it was not given
    target_users_only: bool = True  # off: anyone may sign in to a sandbox app
    codes_used_once: bool = True
    failed_exchange_burns_code: bool = True
    decoded_codes_only: bool = True  # off: a code that is still percent-encoded works
    form_only: bool = True  # off: the Content-Type is not looked at
    hex_challenges_only: bool = True  # off: a base64url challenge (RFC 7636) works as well, for desktop apps
    remembers_consent: bool = True  # off: the consent page is shown each time, as with disable_auto_auth=1
    refresh_rotation: bool = True  # off: a refresh token lasts until it expires
    granted_fields_only: bool = True  # off: user info answers fields beyond the granted scopes
    errors_with_status_200: bool = True  # off: RFC 6749's 400 and 401
    http_loopback_redirects: bool = False  # on: web apps may register http://localhost and http://127.0.0.1
    code_seconds: int = 600
    access_seconds: int = 86_400
    refresh_seconds: int = 31_536_000
    user_info_per_minute: int = 600


SHORT_LIFETIMES = {"access_seconds": 7_200, "refresh_seconds": 15_552_000}
"""What TikTok's newer pages say: 2 hours and 180 days."""
