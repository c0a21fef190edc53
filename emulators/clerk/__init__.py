"""An emulator of Clerk: what a social connection needs in the Platform API, and how the Frontend API shows it."""

from emulators.clerk.app import create_app
from emulators.clerk.state import Application, Clerk, Instance

__all__ = ["Application", "Clerk", "Instance", "create_app"]
