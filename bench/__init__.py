"""The proxy beside what one would have used in its place."""
