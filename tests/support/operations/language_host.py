"""A language host that runs no program, for the commands that load one without need (``pulumi import``).

The CLI that is built from its module has no language hosts; a released one brings that of Python along.
"""

from concurrent import futures
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Says that the project needs no more plugins."""

    def GetPluginInfo(self, request: Empty, context: Any) -> plugin_pb2.PluginInfo:  # noqa: ANN401, ARG002, N802
        return plugin_pb2.PluginInfo(version="1.0.0")

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: ANN401, ARG002, N802
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:  # noqa: ANN401, ARG002, N802
        return language_pb2.GetRequiredPluginsResponse()


def main() -> None:
    """Serve, and print the port, until the CLI ends this process."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201  # the protocol of plugins
    server.wait_for_termination()
