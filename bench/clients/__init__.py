"""Other clients for the proxy, with the same methods as its own."""
