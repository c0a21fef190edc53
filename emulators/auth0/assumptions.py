"""Assumptions about undocumented behaviour of Auth0."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class Assumptions:
    """What the tenant does where Auth0's documentation is silent; tests can change each of them."""

    deletion_seconds: float = 0.0
    """How long after a DELETE, which answers 202, the connection's name stays taken.

    Source: https://auth0.com/docs/api/management/v2/connections/delete-connections-by-id says that a deletion with many
    users goes on after the answer.
    """

    enabled_clients_read: tuple[str, ...] = ("read:connections",)
    """Scopes of which a caller needs one to list a connection's applications. Source: the other routes' scopes."""

    enabled_clients_update: tuple[str, ...] = ("update:connections",)
    """Scopes of which a caller needs one to enable a connection for an application. Source: the same."""

    scope_joiner: str = " "
    """What separates a connection's scopes at the provider. Source: passport-oauth2 joins by a blank."""

    upstream_params_win: bool = True
    """Whether upstream_params replace what Auth0 itself sends, such as the scope. Source: none."""

    upstream_seconds: float = 30.0
    """How long Auth0 waits for the token URL. Source: none; node-oauth has no limit of its own."""

    token_failure_error: str = "access_denied"  # noqa: S105  # an error code
    """The error that an application gets if the token request fails. Source: none."""

    token_failure_description: str = "Failed to obtain access token"  # noqa: S105  # words about one
    """The description of that error. Source: passport-oauth2."""

    script_seconds: float = 20.0
    """How long a profile script may take. Source: the documented limit of custom database scripts."""

    code_seconds: float = 600.0
    """How long an application may exchange its code. Source: the longest time that RFC 6749 recommends."""
