"""Google Cloud as far as the token proxy needs it: it is deployed here, and it really runs."""

from emulators.google_cloud.app import create_app
from emulators.google_cloud.state import GoogleCloud

__all__ = ["GoogleCloud", "create_app"]
