"""A pytest plugin that prints the stack of every thread when a run hangs, and ends a process that cannot exit.

pytest-timeout ends a test that hangs, but a worker of pytest-xdist loses what it prints: so the stacks are printed to
the real stderr just before. Nothing ends a process that hangs after its last test, for example in a thread that never
returns: ``HANG_GUARD_SECONDS`` (120) after the end this plugin does.
"""

import faulthandler
import os
from collections.abc import Generator

import pytest

_STDERR = pytest.StashKey[int]()
_SECONDS = float(os.environ.get("HANG_GUARD_SECONDS", "120"))


def pytest_configure(config: pytest.Config) -> None:
    """Keep the real stderr, which pytest replaces to capture what tests print."""
    config.stash[_STDERR] = os.dup(2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Print the stacks shortly before pytest-timeout ends the process; fixtures are included."""
    marker = item.get_closest_marker("timeout")
    seconds = marker.args[0] if marker else item.config.getoption("timeout") or item.config.getini("timeout")
    faulthandler.dump_traceback_later(0.95 * float(seconds), file=item.config.stash[_STDERR])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Begin to count when the last test is over; a process that still runs then ends with exit code 1."""
    faulthandler.dump_traceback_later(_SECONDS, exit=True, file=session.config.stash[_STDERR])
