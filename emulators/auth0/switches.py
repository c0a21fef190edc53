"""What nobody outside Auth0 knows, each as a named switch with a default."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class Switches:
    """How the tenant behaves where Auth0's documentation is silent; a test may turn each of them."""

    deletion_seconds: float = 0.0
    """For how long after a DELETE, which answers 202, the connection's name stays taken."""

    enabled_clients_read: tuple[str, ...] = ("read:connections",)
    """Scopes of which one lets a caller see for whom a connection is enabled."""

    enabled_clients_update: tuple[str, ...] = ("update:connections",)
    """Scopes of which one lets a caller enable a connection for an application."""

    invalid_token_message: str = "Invalid token"  # noqa: S105  # words about one
    """What a missing, unknown or expired access token is answered with, beside status 401."""

    management_token_seconds: int = 86400
    """Lifetime of an access token for the Management API."""

    scope_joiner: str = " "
    """What stands between the scopes of a connection on their way to the provider (passport-oauth2 takes a blank)."""

    upstream_params_win: bool = True
    """Whether upstream_params may replace what Auth0 itself sends the provider, such as the scope."""

    upstream_user_agent: str = "Node-oauth"
    """The User-Agent of the token request (node-oauth's)."""

    upstream_seconds: float = 30.0
    """How long Auth0 waits for the token URL; node-oauth sets no limit of its own."""

    token_failure_error: str = "access_denied"  # noqa: S105  # an error code
    """The error that an application gets where the token request failed."""

    token_failure_description: str = "Failed to obtain access token"  # noqa: S105  # words about one
    """The description beside it (passport-oauth2's)."""

    script_seconds: float = 20.0
    """How long a profile script may take; documented for custom database scripts."""

    code_seconds: float = 600.0
    """How long the code that an application gets may be exchanged."""

    id_token_seconds: int = 36000
    """Lifetime of an ID token, Auth0's default for applications."""

    access_token_seconds: int = 86400
    """Lifetime of an access token without an audience, Auth0's default."""

    single_sign_on: bool = True
    """Whether a browser that is known gets its code without another way to the provider."""
