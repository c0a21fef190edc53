"""The project's program, ready to be deployed onto a world of emulators by Pulumi's engine."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pulumi.automation import PulumiCommand, Stack

from infra.archive.cache import THIS_MACHINE
from infra.program import deploy
from rehearsal.emulated_vendors import World, emulated_world
from rehearsal.plugins import Plugins, provided
from rehearsal.stack import new_stack


@dataclass(frozen=True)
class Deployment:
    """A stack, the world that it is deployed to, and the folder that holds its state and settings."""

    stack: Stack
    world: World
    folder: Path


@contextmanager
def deployment(command: PulumiCommand, *, plugins: Plugins = "stand-in", first_port: int = 0) -> Generator[Deployment]:
    """Yield a stack that is set up for a new world; both, and all that they left in files, are gone afterwards."""
    program = partial(deploy, THIS_MACHINE)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as name, emulated_world(first_port) as world:
        folder = Path(name)
        with provided(plugins, world, folder, command) as environment:
            yield Deployment(new_stack(folder, command, program, world.configuration(), environment), world, folder)
