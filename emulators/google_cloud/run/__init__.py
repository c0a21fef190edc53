"""Cloud Run's Admin API v2, and the services that it runs."""
