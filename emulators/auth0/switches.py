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
