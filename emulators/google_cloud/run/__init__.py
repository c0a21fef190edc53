"""Cloud Run's Admin API v2, and the services themselves, which really run."""
