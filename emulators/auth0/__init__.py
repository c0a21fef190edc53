"""An emulated Auth0 tenant: the Management API, and the login that people go through."""

from emulators.auth0.app import create_app
from emulators.auth0.state import Tenant

__all__ = ["Tenant", "create_app"]
