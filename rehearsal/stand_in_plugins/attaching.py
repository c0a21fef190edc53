"""Both stand-in plugins, in this process, for as long as a ``with`` block lasts."""

import ssl
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from rehearsal.stand_in_plugins.provider import Provider
from rehearsal.stand_in_plugins.vendors import AUTH0, GCP, Vendor

_THREADS = 16  # the engine asks for as many things at once as it has resources without dependencies between them
_STOP_SECONDS = 10


@contextmanager
def attached(*, tls: ssl.SSLContext | None = None) -> Generator[str]:
    """Serve both plugins on free loopback ports and yield what PULUMI_DEBUG_PROVIDERS must say to attach to them.

    They are configured by the engine, and trust what ``tls`` trusts; without it, SSL_CERT_FILE or the system's roots.
    They do what the released plugins do, except to sleep: a service account is there at once, not after ten seconds.
    """
    with ExitStack() as stack:
        yield ",".join(f"{vendor.name}:{stack.enter_context(plugged(vendor, tls))}" for vendor in (AUTH0, GCP))


@contextmanager
def plugged(vendor: Vendor, tls: ssl.SSLContext | None = None) -> Generator[int]:
    """Serve one vendor's stand-in plugin and yield its port; it has stopped when the block ends."""
    provider = Provider(vendor, tls)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix=f"plugin-{vendor.name}") as threads:
        server = grpc.server(threads)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield port
        finally:
            provider.close()
            server.stop(grace=1).wait(_STOP_SECONDS)
