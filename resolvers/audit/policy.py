"""The policy of the audit: its limits, the behaviour at them, and the protocol of a store of events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from store.audit.event import AuditEvent, AuditFilter


class WhenFull(StrEnum):
    """The behaviour for sensitive reads that cannot be recorded."""

    REFUSE = "refuse"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPolicy:
    """The settings of the audit (docs/settings.md).

    Attributes:
        waiting_events: limit of events that wait for the store.
        when_full: the behaviour for reads at that limit.
        retention: age after which events are removed.
        most_events: limit of stored events; beyond it the oldest are removed, except for changes.
    """

    waiting_events: int = 10_000
    when_full: WhenFull = WhenFull.REFUSE
    retention: timedelta = timedelta(days=90)
    most_events: int = 1_000_000


class AuditStore(Protocol):
    """A store of events."""

    async def write(self, events: Sequence[AuditEvent]) -> None:
        """Stores events; updates those that are stored already."""
        ...

    async def page(self, *, first: int, before: str | None, matching: AuditFilter) -> tuple[AuditEvent, ...]:
        """Returns events, the newest first."""
        ...

    async def prune(self, before: datetime) -> int:
        """Removes old events and returns their number."""
        ...

    async def trim(self, most: int) -> int:
        """Removes the oldest events beyond a number, except for changes, and returns the number of removed ones."""
        ...
