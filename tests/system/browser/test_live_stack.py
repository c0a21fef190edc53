"""``make try``: a separate process signs in to a stack and reads only the stack's outputs."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.system.browser.conftest import Arrives, Rehearsed

_PROJECT = Path(__file__).parents[3]
_PUBLIC = "public-application"


@contextmanager
def _tried(rehearsed: Rehearsed) -> Generator[list[str]]:
    """Run the application until the block ends, and yield the lines that it prints, one at a time."""
    workspace = rehearsed.deployed.stack.workspace
    engine = Path(workspace.pulumi_command.command).parent
    own = {**workspace.env_vars, "PYTHONPATH": str(_PROJECT), "PATH": f"{engine}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(  # noqa: S603  # fixed arguments
        [
            sys.executable,
            "-m",
            "rehearsal.application",
            "--stack",
            "rehearsal",
            "--application",
            _PUBLIC,
            "--port",
            "0",
        ],
        cwd=workspace.work_dir,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield [process.stdout.readline().strip() for _ in range(5)]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_a_public_application_signs_in_to_a_live_stack(arrives: Arrives, rehearsed: Rehearsed) -> None:
    tenant = rehearsed.vendors.tenant
    with _tried(rehearsed) as printed:
        callback, root = printed[1].split()[0], printed[2].split()[0]
        tenant.add_application(
            _PUBLIC,
            "",
            callback,
            allowed_logout_urls=[root],
            token_endpoint_auth_method="none",
            skip_non_verifiable_callback_uri_confirmation_prompt=True,
        )
        [connection] = tenant.connections
        tenant.enabled[connection].append(_PUBLIC)
        visitor = arrives(at=root)

        visitor.signs_in()

        assert visitor.sees == "Hello, Ada Example"
        assert visitor.hops() == []
        assert "has to be a public one" in printed[3]
