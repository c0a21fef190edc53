"""Run a command of Pulumi's CLI that needs a program, with the program of the project in ``--cwd``."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from pulumi.automation import PulumiFn
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2_grpc


def main(command: str) -> None:
    """Preview or update as the command line says, by the CLI at ``command``, and end as it ends.

    Nobody can answer its question, so an update is not previewed and goes on.
    """
    verb, *options = sys.argv[1:]
    agreed = ["--yes", "--skip-preview"] if verb == "up" else []
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageServer(_program(options)), server)
    client = f"--client=127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    called = [command, verb, *options, *agreed, "--non-interactive", "--color=never", client, "--exec-kind=auto.inline"]
    code = subprocess.run(called, check=False).returncode  # noqa: S603  # the tests' own CLI
    server.stop(0)
    sys.exit(code)


def _program(options: list[str]) -> PulumiFn:
    folder = Path(options[options.index("--cwd") + 1] if "--cwd" in options else ".").resolve()
    if folder.name == "clerk":
        from clerk.program import deploy  # noqa: PLC0415  # importing either takes most of a second

        return deploy
    from infra.archive.cache import THIS_MACHINE  # noqa: PLC0415  # the same
    from infra.program import deploy as deploy_for  # noqa: PLC0415

    return lambda: deploy_for(THIS_MACHINE)
