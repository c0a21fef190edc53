"""An emulated Google Cloud for a person: ``python -m emulators.google_cloud --port 4444 --project ID``."""

import argparse
import threading
from contextlib import suppress

from emulators.google_cloud import GoogleCloud, create_app
from emulators.kit.serving import serving


def main() -> None:
    """Serve one project until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m emulators.google_cloud", description=__doc__)
    parser.add_argument("--port", type=int, default=4444, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--project", default="proj-1", help="the project's id (default: %(default)s)")
    options = parser.parse_args()
    cloud = GoogleCloud(project=options.project)
    with suppress(KeyboardInterrupt), cloud, serving(create_app(cloud), port=options.port) as origin:
        print(f"Google Cloud, with the project {cloud.project}, is at {origin} (Ctrl-C ends it)", flush=True)  # noqa: T201  # a command speaks
        threading.Event().wait()


if __name__ == "__main__":
    main()
