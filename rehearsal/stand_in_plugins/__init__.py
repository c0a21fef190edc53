"""Stand-ins for the auth0 and gcp provider plugins: Pulumi's engine attaches to them, and they call emulators.

They are servers in this process, never executables on PATH, so no other `pulumi up` can use them. They refuse every
address that is not on loopback. Tests replay recordings of the released plugins on them.

To add a resource type:

1. Describe its properties as ``Field``s and its requests as ``Request``s in a ``ResourceType`` (description.py), in the
   vendor's module or a new one. The provider's schema names the properties, the API's reference the paths and bodies.
   Mark what the API fills in as ``computed``, what only the API sets as ``output``, what forces a new resource as
   ``replaces``. A property that is not described is refused by name.
2. Add it under its type token to ``RESOURCES`` of that vendor. A new API of Google's also needs its name in
   ``configuration.py`` and in rehearsal/emulated_vendors.py.
3. Show in a test that after an `up` both `preview` and `preview --refresh` change nothing.
"""

import ssl
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from rehearsal.stand_in_plugins import auth0, cloud_run, google_cloud, monitoring
from rehearsal.stand_in_plugins.configuration import (
    AUTH0_VARIABLES,
    GOOGLE_VARIABLES,
    configure_auth0,
    configure_google_cloud,
)
from rehearsal.stand_in_plugins.provider import Plugin, Provider

__all__ = ["AUTH0", "GOOGLE_CLOUD", "Plugin", "serve_plugin", "serve_plugins"]

_THREADS = 16  # the engine makes as many calls at once as there are resources that are independent of each other
_STOP_SECONDS = 10

AUTH0 = Plugin(
    name="auth0",
    package="pulumi_auth0",
    resources=auth0.RESOURCES,
    functions=auth0.FUNCTIONS,
    secrets=frozenset(),
    variables=AUTH0_VARIABLES,
    kept_variables=frozenset(),
    configure=configure_auth0,
)
GOOGLE_CLOUD = Plugin(
    name="gcp",
    package="pulumi_gcp",
    resources={**google_cloud.RESOURCES, **cloud_run.RESOURCES, **monitoring.RESOURCES},
    functions=google_cloud.FUNCTIONS,
    secrets=frozenset({"accessToken"}),
    variables=GOOGLE_VARIABLES,
    kept_variables=frozenset({"project", "region", "zone"}),
    configure=configure_google_cloud,
)


@contextmanager
def serve_plugins(*, environment: Mapping[str, str], tls: ssl.SSLContext | None = None) -> Generator[str]:
    """Serve both plugins on free loopback ports and yield the value of PULUMI_DEBUG_PROVIDERS that attaches to them.

    ``environment`` may hold the variables that the released plugins read, such as AUTH0_CLIENT_ID. The plugins trust
    what ``tls`` trusts; without it, SSL_CERT_FILE or the system's roots. Unlike the released plugins they do not wait
    ten seconds after they create a service account.
    """
    with ExitStack() as stack:
        ports = {
            plugin.name: stack.enter_context(serve_plugin(plugin, environment, tls)) for plugin in (AUTH0, GOOGLE_CLOUD)
        }
        yield ",".join(f"{name}:{port}" for name, port in ports.items())


@contextmanager
def serve_plugin(plugin: Plugin, environment: Mapping[str, str], tls: ssl.SSLContext | None = None) -> Generator[int]:
    """Serve one plugin and yield its port; it stops when the block ends."""
    provider = Provider(plugin, tls, environment)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix=f"plugin-{plugin.name}") as threads:
        server = grpc.server(threads)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield port
        finally:
            provider.close()
            server.stop(grace=1).wait(_STOP_SECONDS)
