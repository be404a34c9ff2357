"""A wall clock for the tests of the store."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

NOON: Final = datetime(2030, 1, 2, 12, 0, 0, 123456, tzinfo=UTC)


@dataclass
class Clock:
    """A wall clock that is set by tests."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now
