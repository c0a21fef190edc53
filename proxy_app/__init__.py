"""The token proxy: a standard RFC 6749 token endpoint in front of TikTok's."""

# An archive carries no package metadata, so the version is written here; pyproject.toml agrees with it.
__version__ = "0.1.0"
