"""Generators of docs/package.md, docs/reference.md and docs/troubleshooting.md."""
