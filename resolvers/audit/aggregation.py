"""Aggregation: equal events of a caller within a minute become one with a count, and their number is limited.

A caller chooses names, namespaces, clusters and kinds, so equality alone is no limit. Refusals take these steps; when a
step is over its limit, the next one takes the event:

1. an event for each object or namespace, at most `NAMED` of them a minute;
2. an event for each cluster, verb and kind, with `*` as name and namespace, at most `KINDS`;
3. one event for each action and outcome, with `*` as cluster and kind as well.

So the first names of a minute are a sample, and the counts are complete.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from resolvers.audit.pendingevent import PendingEvent
from store.audit.event import AuditAction, AuditEvent, AuditOutcome, AuditTexts

JOINED_FOR: Final = timedelta(minutes=1)
NAMED: Final = 50
KINDS: Final = 100
USES: Final = 1000
"""Events of an administrator's uses, by cluster, verb and kind, with any outcome; all further uses are one event."""
EARLY: Final = 50
"""Reads of secrets that are recorded when they begin; others are in memory until they end."""

ANY: Final = "*"
_CALLERS: Final = 4096

_Key: TypeAlias = tuple[object, ...]
NewEvent: TypeAlias = Callable[[AuditTexts], AuditEvent]


@dataclass(slots=True)
class _Minute:
    """The events of one caller that began within a minute."""

    began_at: datetime
    events: dict[_Key, PendingEvent] = field(default_factory=dict)
    remaining: dict[str, int] = field(
        default_factory=lambda: {"named": NAMED, "kinds": KINDS, "uses": USES, "early": EARLY, "rest": USES}
    )

    def take(self, step: str) -> bool:
        """Counts one more event of a step; returns whether it is within the limit."""
        self.remaining[step] -= 1
        return self.remaining[step] >= 0


class EventAggregator:
    """The events of the last minute, by caller."""

    def __init__(self) -> None:
        self._minutes: OrderedDict[str, _Minute] = OrderedDict()

    def may_be_early(self, actor: str, now: datetime) -> bool:
        """Returns whether one more read of a caller may be recorded when it begins."""
        return self._minute(actor, now).take("early")

    def use(self, action: AuditAction, actor: str, texts: AuditTexts, *, now: datetime, new: NewEvent) -> PendingEvent:
        """Counts a use that begins, and returns its event."""
        steps = (("uses", texts), ("rest", _anything(texts)))
        return self._aggregated((action, None), actor, iter(steps), now=now, new=new)

    def refusal(self, pending: PendingEvent, outcome: AuditOutcome, *, now: datetime, new: NewEvent) -> PendingEvent:
        """Counts an occurrence with an outcome of its own, and returns the event for it."""
        return self._aggregated((pending.action, outcome), pending.actor, _steps(pending.texts), now=now, new=new)

    def denial(self, actor: str, texts: AuditTexts, *, now: datetime, new: NewEvent) -> PendingEvent:
        """Counts a denial, and returns its event."""
        key = (AuditAction.DENIAL, AuditOutcome.DENIED)
        return self._aggregated(key, actor, _steps(texts), now=now, new=new)

    def _aggregated(
        self, kind: _Key, actor: str, steps: Iterator[tuple[str, AuditTexts]], *, now: datetime, new: NewEvent
    ) -> PendingEvent:
        minute = self._minute(actor, now)
        for step, texts in steps:
            key = (*kind, *texts.items())
            pending = minute.events.get(key)
            if pending is not None:
                pending.repeat(now)
                return pending
            if step == "rest" or minute.take(step):
                pending = minute.events[key] = PendingEvent(new(texts), texts)
                return pending
        raise AssertionError("the last step takes all events")

    def _minute(self, actor: str, now: datetime) -> _Minute:
        minute = self._minutes.get(actor)
        if minute is not None and now - minute.began_at < JOINED_FOR:
            return minute
        self._minutes.pop(actor, None)
        while self._minutes and self._is_over(now):
            self._minutes.popitem(last=False)
        minute = self._minutes[actor] = _Minute(now)
        return minute

    def _is_over(self, now: datetime) -> bool:
        """Returns whether the oldest minute has ended, or has to make room."""
        oldest = next(iter(self._minutes.values()))
        return now - oldest.began_at >= JOINED_FOR or len(self._minutes) >= _CALLERS


def _steps(texts: AuditTexts) -> Iterator[tuple[str, AuditTexts]]:
    if texts.get("name") or texts.get("namespace"):
        yield "named", texts
        yield "kinds", {**texts, "namespace": ANY, "name": ANY}
    else:
        yield "kinds", texts
    yield "rest", _anything(texts)


def _anything(texts: AuditTexts) -> AuditTexts:
    """Returns the texts of events in many clusters: `*` for each text that they have."""
    rest: AuditTexts = {"resource": ANY}
    if texts.get("cluster"):
        rest["cluster"] = ANY
    return rest
