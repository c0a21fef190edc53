"""The project's program, ready to be deployed onto emulators by Pulumi's engine."""

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pulumi.automation import PulumiCommand, Stack

from infra.archive.cache import THIS_MACHINE
from infra.program import deploy
from rehearsal.emulated_vendors import EmulatedVendors, Registration, emulated_vendors
from rehearsal.plugins import Plugins, plugin_environment
from rehearsal.stack import new_stack


@dataclass(frozen=True)
class Deployment:
    """A stack, the vendors that it is deployed to, and the folder that holds its state and settings."""

    stack: Stack
    vendors: EmulatedVendors
    folder: Path


@contextmanager
def deployment(
    command: PulumiCommand,
    *,
    plugins: Plugins = "stand-in",
    first_port: int = 0,
    applications: Sequence[Registration] = (Registration(),),
) -> Generator[Deployment]:
    """Yield a stack for new vendors, with ``applications`` registered; all is removed when the block ends."""
    program = partial(deploy, THIS_MACHINE)
    with (
        tempfile.TemporaryDirectory(prefix="rehearsal-") as name,
        emulated_vendors(first_port, applications) as vendors,
    ):
        folder = Path(name)
        with plugin_environment(plugins, vendors, folder, command) as environment:
            yield Deployment(new_stack(folder, command, program, vendors.configuration(), environment), vendors, folder)
