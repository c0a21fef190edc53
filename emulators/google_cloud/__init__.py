"""Google Cloud, as far as a deployment of the token proxy calls it; deployed services run."""

from emulators.google_cloud.app import create_app
from emulators.google_cloud.assumptions import Assumptions
from emulators.google_cloud.callers import ROLES, Caller
from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.state import DeploymentFault, GoogleCloud

__all__ = ["ROLES", "ApiError", "Assumptions", "Caller", "DeploymentFault", "GoogleCloud", "create_app"]
