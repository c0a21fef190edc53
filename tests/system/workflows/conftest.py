"""The deployment in which the workflows' steps are run: that of the operations."""

from tests.system.engine.operations.conftest import deployed, fresh

__all__ = ["deployed", "fresh"]
