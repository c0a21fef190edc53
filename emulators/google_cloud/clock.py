"""The emulated cloud's own time, which tests can move on."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def rfc3339(moment: datetime) -> str:
    """Write a moment of UTC as Google does: RFC 3339 with microseconds and Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Clock:
    """The machine's time and ``ahead`` of it."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Return the emulated time, in UTC."""
        return datetime.now(UTC) + self.ahead

    def stamp(self) -> str:
        """Return the emulated time as Google writes it."""
        return rfc3339(self.now())
