"""One event of the audit while it happens; changing it is cheap: an event is made of it only when it is written."""

from dataclasses import replace
from datetime import datetime
from typing import Self, TypeAlias

from store.auditevent import MOST_AUDIT_IDS, AuditEvent, AuditOutcome

ActKey: TypeAlias = tuple[object, ...]
"""What is equal of acts that are joined."""


class Act:
    """One act, or several equal ones that are joined.

    Attributes:
        key: what is equal of those that it joins; empty if it joins none.
        at: when the first began.
        outcome: how the last ended; BEGUN if none has.
        version: another one after each change.
    """

    __slots__ = ("_audit_ids", "_begun", "_code", "_count", "_identity", "_until", "at", "key", "outcome", "version")

    def __init__(self, event: AuditEvent, key: ActKey = ()) -> None:
        self._begun = event
        self._audit_ids: tuple[str, ...] = ()
        self._code = ""
        self._count = 1
        self._identity = ""
        self._until = event.at
        self.key = key
        self.at = event.at
        self.outcome = event.outcome
        self.version = 0

    @property
    def id(self) -> str:
        """The event's."""
        return self._begun.id

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

    def end(self, outcome: AuditOutcome, code: str, *, audit_ids: tuple[str, ...] = (), identity: str = "") -> None:
        """It ended."""
        self.outcome, self._code = outcome, code
        self._identity = identity or self._identity
        if audit_ids and len(self._audit_ids) < MOST_AUDIT_IDS:
            self._audit_ids += audit_ids
        self.version += 1

    def anew(self, at: datetime) -> Self:
        """An act that is equal but for how it will end."""
        return type(self)(self._begun.anew(at), self.key)
