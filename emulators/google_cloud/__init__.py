"""Google Cloud, as far as a deployment of the token proxy calls it; deployed services run."""

from emulators.google_cloud.app import create_app
from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.state import DeploymentFault, GoogleCloud

__all__ = ["ApiError", "DeploymentFault", "GoogleCloud", "create_app"]
