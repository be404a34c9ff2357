"""How the audit is kept: bounds, what happens at them, and what a store of events must be able to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from store.audit.event import AuditEvent, AuditFilter


class WhenFull(StrEnum):
    """What happens to sensitive reads that cannot be kept on record."""

    REFUSE = "refuse"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPolicy:
    """Each is a setting (docs/settings.md).

    Attributes:
        waiting_events: how many may wait for the store.
        when_full: what happens to reads then.
        retention: how long events are kept.
        most_events: how many are kept; beyond, the oldest are removed that are no changes.
    """

    waiting_events: int = 10_000
    when_full: WhenFull = WhenFull.REFUSE
    retention: timedelta = timedelta(days=90)
    most_events: int = 1_000_000


class AuditStore(Protocol):
    """Where events are stored."""

    async def write(self, events: Sequence[AuditEvent]) -> None:
        """Stores events; completes those that are there."""
        ...

    async def page(self, *, first: int, before: str | None, wanted: AuditFilter) -> tuple[AuditEvent, ...]:
        """The newest events first."""
        ...

    async def prune(self, before: datetime) -> int:
        """Removes old events."""
        ...

    async def trim(self, most: int) -> int:
        """Removes the oldest events beyond a number; changes are kept."""
        ...
