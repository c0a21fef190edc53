"""An emulator's clock moves with the machine's, and by as much as a test says."""

import time

import pytest

from emulators.kit.clock import Clock


def test_an_advanced_clock_stays_ahead() -> None:
    clock = Clock()
    clock.advance(3600)
    clock.advance(60)

    assert clock.now() - time.time() == pytest.approx(3660, abs=5)
    assert clock.utc().timestamp() == pytest.approx(clock.now(), abs=5)
