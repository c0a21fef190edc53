"""The login. Auth0's code is closed, so this follows its documents and observed behaviour."""
