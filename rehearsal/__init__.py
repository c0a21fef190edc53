"""The program that goes to the clouds, deployed by Pulumi's own engine onto emulators on this machine."""

import os

# gRPC, by which Pulumi's SDK and the engine talk, would print a line at each process that is started from here.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
