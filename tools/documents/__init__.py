"""Documents that are made from the code, so that they cannot go stale: the reference, and troubleshooting."""
