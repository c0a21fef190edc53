"""Serve an emulated Google Cloud in a process of its own: print its origin, then wait to be killed."""

import threading

from emulators.google_cloud import GoogleCloud, create_app
from emulators.kit.serving import serving
from tests.support.google_cloud.deploying import APIS

if __name__ == "__main__":
    with GoogleCloud(enabled=set(APIS)) as cloud, serving(create_app(cloud)) as origin:
        print(origin, flush=True)  # noqa: T201  # the test reads it
        threading.Event().wait()
