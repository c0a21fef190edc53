"""Serves the component package to an engine that attaches to it, and prints the port; run as a script."""

import sys

from google.protobuf import empty_pb2
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import plugin_pb2

import infra.archive.cache

# Set before the components are imported, because it is their default.
infra.archive.cache.LINUX_X86_64 = infra.archive.cache.THIS_MACHINE

from infra.package import host  # noqa: E402  # see above


async def _attach(self: ProviderServicer, request: plugin_pb2.PluginAttach, _context: object) -> empty_pb2.Empty:
    self.engine_address = request.address
    return empty_pb2.Empty()


if __name__ == "__main__":
    ProviderServicer.Attach = _attach  # pyright: ignore[reportAttributeAccessIssue]  # the SDK has none of its own
    sys.argv[1:] = ["127.0.0.1:1"]  # an engine tells its address when it attaches
    host()
