"""An emulator of TikTok's sign-in: Login Kit's consent page, the OAuth endpoints, and user info.

It uses Starlette, uvicorn and the standard library only, because it is also deployed as a stand-in for TikTok.
"""

from .app import create_app
from .assumptions import EARLIER_LIFETIMES, Assumptions
from .registry import App, Person
from .state import Received, TikTok

__all__ = ["EARLIER_LIFETIMES", "App", "Assumptions", "Person", "Received", "TikTok", "create_app"]
