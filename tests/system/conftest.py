"""What all tests with an engine share."""

from collections.abc import Generator

import pytest

from tests.support.engine.kept_stacks import kept_stacks
from tests.support.engine.lazy_results import lazy_results


@pytest.fixture(scope="session", autouse=True)
def _fewer_starts_of_the_cli() -> Generator[None]:  # pyright: ignore[reportUnusedFunction]  # autouse
    with lazy_results(), kept_stacks():
        yield
