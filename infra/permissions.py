"""What a deployer and a reader may do at Auth0 and Google: the one list that checks, documents and set-up share."""

READER_SCOPES = frozenset({"read:clients", "read:connections", "read:connections_options"})
"""Scopes of Auth0's Management API that a preview needs."""

DEPLOYER_SCOPES = READER_SCOPES | {
    "create:connections",
    "update:connections",
    "update:connections_options",
    "delete:connections",
}
"""Scopes of Auth0's Management API that a deployment needs."""
