"""An emulator's clock, which tests can advance."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass
class Clock:
    """The machine's time, plus the seconds by which it was advanced."""

    _advanced: float = 0.0

    def now(self) -> float:
        """Return seconds since 1970."""
        return time.time() + self._advanced

    def utc(self) -> datetime:
        """Return the same moment as a datetime in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, seconds: float) -> None:
        self._advanced += seconds
