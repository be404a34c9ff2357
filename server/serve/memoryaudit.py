"""An audit in memory, for the demo, which has no database."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from store.audit.event import AuditEvent, AuditFilter, first_id

_MOST_EVENTS: Final = 1000


class MemoryAudit:
    """The newest events; see `resolvers.audit.policy.AuditStore`."""

    def __init__(self) -> None:
        self._events: dict[str, AuditEvent] = {}

    async def write(self, events: Sequence[AuditEvent]) -> None:
        """Stores events, and drops the oldest over the limit."""
        self._events |= {event.id: event for event in events}
        for oldest in sorted(self._events)[:-_MOST_EVENTS]:
            del self._events[oldest]

    async def page(self, *, first: int, before: str | None, matching: AuditFilter) -> tuple[AuditEvent, ...]:
        """Returns the newest events first."""
        conditions = {name: value for name, value in asdict(matching).items() if value is not None}
        newest = sorted(self._events.values(), key=lambda event: event.id, reverse=True)
        events = [
            event
            for event in newest
            if (before is None or event.id < before)
            and all(getattr(event, key) == conditions[key] for key in conditions)
        ]
        return tuple(events[:first])

    async def prune(self, before: datetime) -> int:
        """Removes old events, and returns their number."""
        old_ids = [event_id for event_id in self._events if event_id < first_id(before)]
        for event_id in old_ids:
            del self._events[event_id]
        return len(old_ids)

    async def trim(self, most: int) -> int:
        """Removes nothing: there are never many."""
        return 0
