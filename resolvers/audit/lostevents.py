"""Acts that could not be stored: they are counted, and in the log.

Of joined acts there is a line for the first, one whenever their number has doubled, and one with the last number, so
that the log says of each how many there were, with few lines.
"""

from resolvers.audit.lines import logged_as_lost
from resolvers.audit.pendingevent import PendingEvent


class LostEvents:
    """The acts of one process that are in the log only.

    Attributes:
        count: how many there were, each of joined ones by itself.
    """

    def __init__(self, most: int) -> None:
        """Takes how many are remembered; the last line of the one that nobody has repeated for longest comes early."""
        self.count = 0
        self._most = most
        self._acts: dict[str, PendingEvent] = {}

    def add(self, act: PendingEvent) -> None:
        """Counts what happened of an act since it was stored or counted; the first time, it is at least one."""
        self.count += max(act.count - act.accounted, 0 if act.is_lost else 1)
        act.accounted = max(act.accounted, act.count)
        if not act.is_lost or act.count >= 2 * act.logged:
            _log(act)
        act.is_lost = True
        self._acts.pop(act.id, None)
        self._acts[act.id] = act  # the last one now
        if len(self._acts) > self._most:
            self._finish(next(iter(self._acts)))

    def stored(self, act: PendingEvent, count: int) -> None:
        """Notes that so many of an act are in the store after all."""
        act.is_lost, act.accounted = False, max(act.accounted, count)
        self._acts.pop(act.id, None)

    def close(self) -> None:
        """Puts the last numbers in the log."""
        for each in list(self._acts):
            self._finish(each)

    def _finish(self, event_id: str) -> None:
        act = self._acts.pop(event_id)
        if act.count > act.logged:
            _log(act)


def _log(act: PendingEvent) -> None:
    act.logged = act.count
    logged_as_lost(act.event)
