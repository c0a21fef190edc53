"""Servers to compare the proxy with."""
