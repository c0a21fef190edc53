"""Parts of a serving command: plain usage errors, a port option, and waiting for a signal."""

import argparse
import signal
import threading
from contextlib import suppress
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser that reports a wrong argument in one sentence, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message.rstrip('.')}.\n")


def port(text: str) -> int:
    """Parse a TCP port; pass it to ``add_argument`` as ``type``, which then names "port" in its errors."""
    number = int(text)
    if not 0 <= number < 65_536:  # noqa: PLR2004  # the range of TCP ports
        raise ValueError(text)
    return number


def wait_for_signal() -> None:
    """Block until SIGINT or SIGTERM; call it from the main thread."""
    # SIGINT too: a process in the background may have inherited that it is ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
