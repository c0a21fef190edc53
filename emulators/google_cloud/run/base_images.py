"""Base images: https://docs.cloud.google.com/run/docs/runtimes/python and /docs/buildpacks/base-images."""

import re
import sys

from emulators.google_cloud.assumptions import Assumptions
from emulators.google_cloud.errors import field_violation

_STACKS = {
    "python311": "google-22",
    "python312": "google-22",
    "python313": "google-22",
    "python314": "google-24",
    "python315": "google-24",
}
# RUNTIME, STACK/RUNTIME, or the full path.
_SPELLING = re.compile(
    r"(?:(?P<host>[a-z]+-[a-z]+\d+-docker\.pkg\.dev/serverless-runtimes/)?(?P<stack>google-\d\d)(?P<full>-full)?/"
    r"(?(host)runtimes/))?(?P<runtime>python\d+)"
)
THIS_PYTHON = f"python{sys.version_info.major}{sys.version_info.minor}"


def full_path(spelling: str, region: str, assumptions: Assumptions) -> str:
    """Return the full path of the base image that any of the three spellings means, or raise ``ApiError``."""
    match = _SPELLING.fullmatch(spelling)
    runtime = match["runtime"] if match else ""
    default = _STACKS.get(runtime, "")
    stack = match["stack"] or default if match else ""
    on_both = assumptions.google_24_has_python313 and (stack, runtime) == ("google-24", "python313")
    if match is None or not default or (stack != default and not on_both):
        raise field_violation("template.containers.base_image_uri", f"Base image '{spelling}' not found.")
    host = match["host"] or f"{region}-docker.pkg.dev/serverless-runtimes/"
    return f"{host}{stack}{match['full'] or ''}/runtimes/{runtime}"
