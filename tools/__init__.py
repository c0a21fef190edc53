"""The generators of the documents, and pinned tools of other languages."""
