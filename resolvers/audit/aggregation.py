"""Equal acts of a caller within a minute are one event with a count, and a caller has a bounded number of events.

A caller chooses names, namespaces, clusters and kinds, so equal acts alone are no bound. What is refused takes these
steps, and an act that a step has no event for goes to the next one:

1. an event for each object or namespace, at most `NAMED` of them a minute;
2. an event for each cluster, verb and kind, whose name and namespace are `*`, at most `KINDS`;
3. one event for each action and outcome, whose cluster and kind are `*` as well.

So the first names of a minute are a sample, and the counts say how many there were. Nothing is left out of a count.
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
"""What an administrator uses, by cluster, verb and kind, whatever came of it; more of that is one event."""
EARLY: Final = 50
"""Reads of secrets that are on record while they go on; others are noted in memory until they end."""

ANY: Final = "*"
_CALLERS: Final = 4096

_Key: TypeAlias = tuple[object, ...]
NewEvent: TypeAlias = Callable[[AuditTexts], AuditEvent]


@dataclass(slots=True)
class _Minute:
    """The events of one caller that began within a minute."""

    began_at: datetime
    acts: dict[_Key, PendingEvent] = field(default_factory=dict)
    left: dict[str, int] = field(
        default_factory=lambda: {"named": NAMED, "kinds": KINDS, "uses": USES, "early": EARLY, "rest": USES}
    )

    def take(self, step: str) -> bool:
        """Whether there may be one more; it is counted."""
        self.left[step] -= 1
        return self.left[step] >= 0


class EventAggregator:
    """The acts of the last minute, by caller."""

    def __init__(self) -> None:
        self._minutes: OrderedDict[str, _Minute] = OrderedDict()

    def may_be_early(self, actor: str, now: datetime) -> bool:
        """Whether one more read of a caller may be on record before it ends."""
        return self._minute(actor, now).take("early")

    def use(self, action: AuditAction, actor: str, texts: AuditTexts, *, now: datetime, new: NewEvent) -> PendingEvent:
        """The event for an act that begins; it is counted there."""
        steps = (("uses", texts), ("rest", _anything(texts)))
        return self._joined((action, None), actor, iter(steps), now=now, new=new)

    def refusal(self, act: PendingEvent, outcome: AuditOutcome, *, now: datetime, new: NewEvent) -> PendingEvent:
        """The event for an act that ended in another way than others did; it is counted there."""
        return self._joined((act.action, outcome), act.actor, _steps(act.texts), now=now, new=new)

    def denial(self, actor: str, texts: AuditTexts, *, now: datetime, new: NewEvent) -> PendingEvent:
        """The event for a refusal that was never begun; it is counted there."""
        key = (AuditAction.DENIAL, AuditOutcome.DENIED)
        return self._joined(key, actor, _steps(texts), now=now, new=new)

    def _joined(
        self, kind: _Key, actor: str, steps: Iterator[tuple[str, AuditTexts]], *, now: datetime, new: NewEvent
    ) -> PendingEvent:
        minute = self._minute(actor, now)
        for step, texts in steps:
            key = (*kind, *texts.items())
            act = minute.acts.get(key)
            if act is not None:
                act.repeat(now)
                return act
            if step == "rest" or minute.take(step):
                act = minute.acts[key] = PendingEvent(new(texts), texts)
                return act
        raise AssertionError("the last step takes all")

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
        """Whether the oldest minute has ended, or must make room."""
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
    """What is left to say of acts in many clusters: `*` where there was something."""
    rest: AuditTexts = {"resource": ANY}
    if texts.get("cluster"):
        rest["cluster"] = ANY
    return rest
