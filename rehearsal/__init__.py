"""The production program, deployed by Pulumi's engine onto emulators on this machine."""

import os
import time

STARTED = time.monotonic()
"""When this process began to import the rehearsal, which takes a second or more."""

# Without this gRPC, which connects Pulumi's SDK with the engine, prints a line whenever a process is started from here.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
