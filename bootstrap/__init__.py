"""A Pulumi project of its own: identities, state, keys and environments for the GitHub workflows."""
