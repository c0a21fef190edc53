"""One authority for all of these tests."""

import pytest

from emulators.kit.authority import ThrowAwayAuthority


@pytest.fixture(scope="session")
def authority() -> ThrowAwayAuthority:
    return ThrowAwayAuthority()
