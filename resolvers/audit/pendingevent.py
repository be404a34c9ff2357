"""One event of the audit while it happens; changing it is cheap: an event is made of it only when it is written."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from store.audit.event import MOST_AUDIT_IDS, AuditAction, AuditEvent, AuditOutcome, AuditTexts

_ALONE: Final = AuditTexts()


class PendingEvent:
    """One act, or several equal ones that are joined.

    Attributes:
        texts: what was said when it began.
        action: what was done.
        actor: who did it.
        outcome: how the last ended; BEGUN if none has.
        version: another one after each change.
        is_written: whether the store has it, or is about to.
        is_lost: whether it is in the log only.
        accounted: how many of it are stored, or counted as lost.
        logged: how many of it the log says are lost.
    """

    __slots__ = (
        "_audit_ids",
        "_begun",
        "_code",
        "_count",
        "_identity",
        "_until",
        "accounted",
        "is_lost",
        "is_written",
        "logged",
        "outcome",
        "texts",
        "version",
    )

    def __init__(self, event: AuditEvent, texts: AuditTexts = _ALONE) -> None:
        self._begun = event
        self._audit_ids: tuple[str, ...] = ()
        self._code = ""
        self._count = event.count
        self._identity = ""
        self._until = event.until
        self.texts = texts
        self.outcome = event.outcome
        self.version = 0
        self.is_written = False
        self.is_lost = False
        self.accounted = 0
        self.logged = 0

    @property
    def id(self) -> str:
        """The event's."""
        return self._begun.id

    @property
    def action(self) -> AuditAction:
        """The event's."""
        return self._begun.action

    @property
    def actor(self) -> str:
        """The event's."""
        return self._begun.actor

    @property
    def count(self) -> int:
        """How many are joined."""
        return self._count

    @property
    def event(self) -> AuditEvent:
        """As it is now."""
        ended = self._begun.ended(self.outcome, code=self._code, audit_ids=self._audit_ids, identity=self._identity)
        return replace(ended, count=self._count, until=self._until)

    def repeat(self, at: datetime) -> None:
        """It happens once more."""
        self._count += 1
        self._until = at
        self.version += 1

    def take_back(self) -> None:
        """One of those that were counted belongs to another event, because it ended in another way."""
        self._count -= 1
        self.version += 1

    def end(self, outcome: AuditOutcome, code: str, *, audit_ids: tuple[str, ...] = (), identity: str = "") -> None:
        """It ended."""
        self.outcome, self._code = outcome, code
        self._identity = identity or self._identity
        if audit_ids and len(self._audit_ids) < MOST_AUDIT_IDS:
            self._audit_ids += audit_ids
        self.version += 1
