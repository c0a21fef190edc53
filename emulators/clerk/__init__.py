"""An emulated Clerk: as much of it as it takes to turn a social connection on and off, and to see that from outside."""

from emulators.clerk.app import create_app
from emulators.clerk.state import Application, Clerk, Instance

__all__ = ["Application", "Clerk", "Instance", "create_app"]
