"""``python -m clerk.plugin``: the provider plugin as a process, which Pulumi's engine starts and stops."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from clerk.provider import Provider

_THREADS = 4


def main() -> None:
    """Serve on a free loopback port, print it for the engine, and stop on SIGINT or SIGTERM."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())
    server = grpc.server(ThreadPoolExecutor(_THREADS))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201  # https://www.pulumi.com/docs/iac/guides/building-extending/providers/implementers/
    stopped.wait()
    server.stop(grace=1).wait()


if __name__ == "__main__":
    main()
