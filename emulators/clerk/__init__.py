"""An emulated Clerk: as much of its Platform API as it takes to turn a social connection on and off."""

from emulators.clerk.app import create_app
from emulators.clerk.state import Application, Clerk, Instance

__all__ = ["Application", "Clerk", "Instance", "create_app"]
