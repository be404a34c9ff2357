"""An audit that lasts as long as the process, for the demo, which has no database."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from store.audit.event import AuditEvent, AuditFilter, first_id

_MOST_EVENTS: Final = 1000


class MemoryAudit:
    """Keeps the newest events; see `resolvers.audit.policy.AuditStore`."""

    def __init__(self) -> None:
        self._events: dict[str, AuditEvent] = {}

    async def write(self, events: Sequence[AuditEvent]) -> None:
        """Keeps events; the oldest make place."""
        self._events |= {event.id: event for event in events}
        for oldest in sorted(self._events)[:-_MOST_EVENTS]:
            del self._events[oldest]

    async def page(self, *, first: int, before: str | None, wanted: AuditFilter) -> tuple[AuditEvent, ...]:
        """The newest events first."""
        sought = {name: value for name, value in asdict(wanted).items() if value is not None}
        newest = sorted(self._events.values(), key=lambda event: event.id, reverse=True)
        found = [
            event
            for event in newest
            if (before is None or event.id < before) and all(getattr(event, name) == sought[name] for name in sought)
        ]
        return tuple(found[:first])

    async def prune(self, before: datetime) -> int:
        """Removes old events."""
        old = [event_id for event_id in self._events if event_id < first_id(before)]
        for event_id in old:
            del self._events[event_id]
        return len(old)

    async def trim(self, most: int) -> int:
        """Nothing: there are never many."""
        return 0
