"""Events that could not be stored: they are counted and logged.

Of aggregated events the log has a line for the first, one whenever their number has doubled, and one with the last
number. So few lines tell the number of each.
"""

from resolvers.audit.lines import logged_as_lost
from resolvers.audit.pendingevent import PendingEvent


class LostEvents:
    """The events of one process that are in the log only.

    Attributes:
        count: their number; aggregated ones count each.
    """

    def __init__(self, most: int) -> None:
        """Takes the largest number in memory; beyond it, the least recent event gets its last line early."""
        self.count = 0
        self._most = most
        self._events: dict[str, PendingEvent] = {}

    def add(self, pending: PendingEvent) -> None:
        """Counts the occurrences since an event was stored or counted; at least one for a new event."""
        self.count += max(pending.count - pending.accounted, 0 if pending.is_lost else 1)
        pending.accounted = max(pending.accounted, pending.count)
        if not pending.is_lost or pending.count >= 2 * pending.logged:
            _log(pending)
        pending.is_lost = True
        self._events.pop(pending.id, None)
        self._events[pending.id] = pending  # now the most recent one
        if len(self._events) > self._most:
            self._finish(next(iter(self._events)))

    def stored(self, pending: PendingEvent, count: int) -> None:
        """Records that so many occurrences of an event are in the store after all."""
        pending.is_lost, pending.accounted = False, max(pending.accounted, count)
        self._events.pop(pending.id, None)

    def close(self) -> None:
        """Logs the last numbers."""
        for event_id in list(self._events):
            self._finish(event_id)

    def _finish(self, event_id: str) -> None:
        pending = self._events.pop(event_id)
        if pending.count > pending.logged:
            _log(pending)


def _log(pending: PendingEvent) -> None:
    pending.logged = pending.count
    logged_as_lost(pending.event)
