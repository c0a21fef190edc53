"""A deployment, driven by the commands that a person types."""

from collections.abc import Generator

import pytest
from pulumi.automation import PulumiCommand

from tests.support.operations.typing_commands import Shell, shell


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, each of which types several commands that start an engine."""
    for item in items:
        if "tests/system/engine/operations" in item.path.as_posix():
            item.add_marker("engine")
            item.add_marker(pytest.mark.timeout(600))


def _new_shell(pulumi: PulumiCommand) -> Generator[Shell]:
    with shell(pulumi) as opened:
        yield opened


fresh = pytest.fixture(scope="module", name="fresh")(_new_shell)
own = pytest.fixture(name="own")(_new_shell)


@pytest.fixture(scope="module")
def deployed(fresh: Shell) -> Shell:
    """Return a shell in a deployment to which everything was deployed; what a test breaks it mends."""
    fresh.deployed.stack.up()
    return fresh
