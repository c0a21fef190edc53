"""TikTok's sign-in, emulated: Login Kit's consent page, its OAuth endpoints, and user info.

It stands alone: Starlette, uvicorn and the standard library, so that it can be packed and deployed.
"""

from .app import create_app
from .apps import App
from .persons import Person
from .rules import SHORT_LIFETIMES, Rules
from .state import Received, TikTok

__all__ = ["SHORT_LIFETIMES", "App", "Person", "Received", "Rules", "TikTok", "create_app"]
