"""What all tests with an engine share."""

from collections.abc import Generator

import pytest

from tests.support.engine.lazy_results import lazy_results


@pytest.fixture(scope="session", autouse=True)
def _lazy_results() -> Generator[None]:  # pyright: ignore[reportUnusedFunction]  # autouse
    with lazy_results():
        yield
