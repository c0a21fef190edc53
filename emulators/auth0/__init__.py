"""An emulated Auth0 tenant: its login and its Management API."""

from emulators.auth0.app import create_app
from emulators.auth0.state import Tenant

__all__ = ["Tenant", "create_app"]
