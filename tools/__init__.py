"""Tools of this repository's own: what writes documents, and what is pinned for other languages."""
