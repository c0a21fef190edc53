"""An emulated Auth0 tenant: its login and its Management API."""

from emulators.auth0.app import create_app
from emulators.auth0.rate_limit import FREE_PLAN, NO_LIMITS, RateLimits
from emulators.auth0.state import Tenant

__all__ = ["FREE_PLAN", "NO_LIMITS", "RateLimits", "Tenant", "create_app"]
