"""One event of the audit until it is stored: cheap to change, because the record is built only when it is written."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from k8s.errors import ClusterError, ErrorCode
from resolvers.errors import QueryError
from store.audit.event import MOST_AUDIT_IDS, AuditAction, AuditEvent, AuditOutcome, AuditTexts

_ALONE: Final = AuditTexts()


class PendingEvent:
    """One event, or several equal ones that are aggregated.

    Attributes:
        texts: the event's texts at its beginning.
        action: the action.
        actor: the name of the caller.
        outcome: the outcome of the last occurrence; BEGUN if none has ended.
        version: a number that changes with each change.
        is_written: true once it was sent to the store.
        is_lost: true if it is in the log only.
        accounted: number of occurrences that are stored, or counted as lost.
        logged: number of occurrences that are lost, by the log.
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
        """The event's id."""
        return self._begun.id

    @property
    def action(self) -> AuditAction:
        """The event's action."""
        return self._begun.action

    @property
    def actor(self) -> str:
        """The name of the event's caller."""
        return self._begun.actor

    @property
    def count(self) -> int:
        """Number of aggregated occurrences."""
        return self._count

    @property
    def event(self) -> AuditEvent:
        """The record of its current state."""
        ended = self._begun.ended(self.outcome, code=self._code, audit_ids=self._audit_ids, identity=self._identity)
        return replace(ended, count=self._count, until=self._until)

    def repeat(self, at: datetime) -> None:
        """Counts one more occurrence."""
        self._count += 1
        self._until = at
        self.version += 1

    def take_back(self) -> None:
        """Removes one occurrence from the count; it belongs to another event, because its outcome differs."""
        self._count -= 1
        self.version += 1

    def seen(self, *, identity: str, audit_id: str) -> None:
        """Adds a request to a cluster that belongs to it: its identity there, and its id in the cluster's audit."""
        self._identity = identity or self._identity
        if audit_id and len(self._audit_ids) < MOST_AUDIT_IDS:
            self._audit_ids += (audit_id,)

    def end(self, outcome: AuditOutcome, code: str, *, audit_ids: tuple[str, ...] = (), identity: str = "") -> None:
        """Records the outcome of an occurrence."""
        self.outcome, self._code = outcome, code
        self._identity = identity or self._identity
        if audit_ids and len(self._audit_ids) < MOST_AUDIT_IDS:
            self._audit_ids += audit_ids
        self.version += 1


def failure(error: BaseException) -> tuple[AuditOutcome, str]:
    """Returns outcome and code of an action that raised an error."""
    if isinstance(error, ClusterError | QueryError):
        is_denied = error.code in {ErrorCode.FORBIDDEN, ErrorCode.UNAUTHENTICATED}
        return (AuditOutcome.DENIED if is_denied else AuditOutcome.FAILED), error.code
    is_failure = isinstance(error, Exception)
    return (AuditOutcome.FAILED, type(error).__name__) if is_failure else (AuditOutcome.ABANDONED, "")
