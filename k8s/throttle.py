"""Waiting as long as an API server asks to: everyone who asks it, not only who was refused.

An API server that sheds load answers 429, and one that starts or stops 503, with `Retry-After` (RFC 9110, section
10.2.3): seconds, or a date. What is asked for is capped, and spread at random, so that those who wait do not all come
back at the same moment.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Final

LONGEST_S: Final = 30.0
"""The longest pause, whatever is asked for."""

WITHOUT_HEADER_S: Final = 1.0
"""The pause after a 429 that does not say how long, as API servers themselves say it."""

_SPREAD: Final = 0.25
_SECONDS: Final = re.compile(r"[0-9]{1,20}")


def retry_after_s(header: str, *, now: datetime | None = None) -> float | None:
    """The seconds that a `Retry-After` header asks for, between 0 and `LONGEST_S`; None if it says nothing."""
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return min(LONGEST_S, float(text))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return min(LONGEST_S, max(0.0, (until - (now or datetime.now(UTC))).total_seconds()))


class Throttle:
    """When an API server may be asked again; shared by all who ask it. Times are seconds of a monotonic clock."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        spread: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._spread = spread
        self._until_s = 0.0

    @property
    def wait_s(self) -> float:
        """How long it asks not to be asked; 0 when it may be."""
        return max(0.0, self._until_s - self._clock())

    def pause(self, seconds: float) -> None:
        """It asked for a pause; a longer one that it asked for before still holds."""
        self._until_s = max(self._until_s, self._clock() + seconds)

    async def wait(self, within_s: float) -> None:
        """Waits until it may be asked, and a little longer, each caller another while; half of what is left is kept."""
        while wait_s := self.wait_s:
            most_s = min(wait_s * _SPREAD, max(0.0, (within_s - wait_s) / 2))
            await self._sleep(wait_s + self._spread(0.0, most_s))
