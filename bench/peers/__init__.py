"""What one would have used in the proxy's place."""
