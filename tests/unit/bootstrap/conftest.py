"""The bootstrap program, run once for each file of tests."""

import pytest

from tests.support.bootstrap import BootstrapRecorder, bootstrapped


@pytest.fixture(scope="module")
def declared() -> BootstrapRecorder:
    return bootstrapped()
