"""The archives that Cloud Run runs: how they are built, and where they are cached."""
