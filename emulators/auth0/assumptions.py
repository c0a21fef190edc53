"""Assumptions about undocumented behaviour of Auth0."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class Assumptions:
    """The tenant's behaviour that Auth0 does not document; tests can change each field."""

    deletion_seconds: float = 0.0
    """How long after a DELETE, which answers 202, a connection, its name and its users remain.

    Source: https://auth0.com/docs/api/management/v2/connections/delete-connections-by-id says that the deletion of a
    connection with many users goes on after the answer, and may disturb a create of the same name.
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

    token_failure_error: str = "invalid_request"  # noqa: S105  # an error code
    """The error that an application gets if the token request fails.

    Source: https://auth0.com/docs/authenticate/identity-providers/enterprise-identity-providers/azure-active-directory
    documents it for Azure AD.
    """

    token_failure_description: str = "Failed to obtain access token"  # noqa: S105  # words about one
    """The description of that error. Source: passport-oauth2."""

    script_failure_error: str = "invalid_request"
    """The error that an application gets if the profile script fails, with the script's own message.

    Source: https://github.com/auth0-community/custom-social-connections/issues/36
    """

    script_is_returned: bool = True
    """Whether a script is evaluated as ``return <script>``, so that one that begins with a comment line is undefined.

    Source: none; scripts are documented as anonymous functions and as named ones. False evaluates it in parentheses.
    """

    script_seconds: float = 20.0
    """How long a profile script may take. Source: the documented limit of custom database scripts."""

    generates_profile_without_email: bool = True
    """Whether a user without an e-mail address gets a name and a nickname (the provider's id) and a picture.

    Source: https://auth0.com/docs/manage-users/user-accounts/user-profiles/normalized-user-profiles says that all users
    have them, not what they are; a connection without a name showed the provider's id.
    """

    provider_pages_confirm: bool = False
    """Whether a provider's pages count as a screen, after which a loopback callback needs no confirmation.

    Source: none. Auth0 asks for confirmation if it showed the user no other screen in this login.
    """

    unconfirmed_error: str = "consent_required"
    """The error of prompt=none where a confirmation is needed. Source: what localhost got before 2025."""

    root_slash_matters: bool = True
    """Whether /v2/logout tells http://app from http://app/. Source: none; other paths are compared exactly."""

    code_seconds: float = 600.0
    """How long an application may exchange its code. Source: the longest time that RFC 6749 recommends."""
