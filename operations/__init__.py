"""Commands for a live stack: ``python -m operations.verify`` and ``python -m operations.adopt``."""
