"""Clients that the proxy could have instead of its own, behind the same methods."""
