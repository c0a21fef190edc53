"""The event loops of inline programs that fail, which Pulumi's SDK leaves open and half way through their tasks."""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest

_SECONDS = 10


@contextmanager
def finished_loops() -> Generator[None]:
    """Bring every loop that is made inside the block to its end, so that no later test stumbles over one."""
    loops: list[asyncio.AbstractEventLoop] = []
    make = asyncio.new_event_loop

    def made() -> asyncio.AbstractEventLoop:
        loops.append(make())
        return loops[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "new_event_loop", made)
        yield
    for loop in loops:
        _finish(loop)


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    deadline = time.monotonic() + _SECONDS
    while loop.is_running():
        assert time.monotonic() < deadline, f"An inline program still runs after {_SECONDS} s."
        time.sleep(0.01)
    if loop.is_closed():
        return
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    # The end of the task that the loop was run for stops the loop, so that it may have to be started again.
    while not all(task.done() for task in tasks):
        assert time.monotonic() < deadline, f"Tasks of an inline program have not ended after {_SECONDS} s."
        loop.call_soon(loop.stop)
        loop.run_forever()
    loop.close()
