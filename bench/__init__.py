"""Measures the proxy beside other servers."""
