"""The audit of one process: no change takes effect before it is recorded, and no event is lost without a log line.

- A change (`changing`) is stored before its effect, and is refused if that fails.
- A read (`begin`) does not wait for the store: its event is in memory before it is sent, and is stored later, in
  batches. While the store fails, events wait in memory; at the limit the policy decides on further reads.
- Equal uses and refusals within a minute become one event with a count, and their number is limited for each caller, so
  that no caller can fill the table (`resolvers.audit.aggregation`). Successful reads of secrets are never aggregated.
- Each event is logged when it begins and when it ends.

The log has the events of a process that is killed before it could store them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Final, Self, Unpack

import structlog

from k8s.errors import ClusterError, ErrorCode
from resolvers.audit import lines as auditlines
from resolvers.audit.aggregation import EventAggregator, NewEvent
from resolvers.audit.lostevents import LostEvents
from resolvers.audit.pendingevent import PendingEvent, failure
from resolvers.audit.policy import AuditPolicy, AuditStore, WhenFull
from resolvers.audit.pruning import Pruning
from store.audit.event import AuditAction, AuditEvent, AuditOutcome, AuditTexts
from store.errors import StoreError
from store.utctime import utc_now

LOGGER: Final = auditlines.LOGGER

_BATCH: Final = 500
_FLUSH_EVERY_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0


class AuditUnavailable(ClusterError):
    """A read that must be recorded could not be, so it was not sent."""

    code = ErrorCode.INTERNAL
    retryable = True
    reason = "AuditUnavailable"

    def __init__(self, cluster: str) -> None:
        super().__init__(cluster, "it was not asked, because the audit cannot be written now; try again later.")


class Auditor:
    """Records the events of one process; a context manager, in which it stores events of reads.

    Attributes:
        log: the store of events.
    """

    def __init__(
        self, log: AuditStore, policy: AuditPolicy | None = None, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.log = log
        self._policy = policy or AuditPolicy()
        self._clock = clock
        self._waiting: dict[str, PendingEvent] = {}
        self._under_way: dict[str, PendingEvent] = {}
        self._aggregated = EventAggregator()
        self._lost = LostEvents(self._policy.waiting_events)
        self._completing: set[asyncio.Task[None]] = set()
        self._has_waiting = asyncio.Event()
        self._pruning = Pruning(log, self._policy, clock)
        self._tasks: list[asyncio.Task[None]] = []
        self._is_failing = False

    @property
    def lost(self) -> int:
        """Number of events that could not be stored and are in the log only; aggregated ones count each."""
        return self._lost.count

    @property
    def waiting(self) -> int:
        """Number of events that wait for the store."""
        return len(self._waiting) + len(self._under_way)

    @property
    def must_refuse(self) -> bool:
        """True while reads that must be recorded are refused."""
        return self.waiting >= self._policy.waiting_events and self._policy.when_full is WhenFull.REFUSE

    @asynccontextmanager
    async def changing(
        self, action: AuditAction, actor: str, **texts: Unpack[AuditTexts]
    ) -> AsyncIterator[PendingEvent]:
        """Records a change, runs the body, and records the outcome, even if the caller is cancelled.

        Raises:
            StoreError: the change cannot be recorded, so the body does not run.
        """
        pending = PendingEvent(self._begun(action, actor, texts))
        await self.log.write([pending.event])
        try:
            yield pending
        except BaseException as error:
            await self._completed(pending, *failure(error))
            raise
        await self._completed(pending, AuditOutcome.SUCCEEDED, "")

    def begin(self, action: AuditAction, actor: str, **texts: Unpack[AuditTexts]) -> PendingEvent:
        """Records a read before it is sent; the caller must call `end`."""
        now = self._clock()
        if action is not AuditAction.SECRET_READ:
            pending = self._aggregated.use(action, actor, texts, now=now, new=self._new(action, actor))
        else:
            is_early = self._aggregated.may_be_early(actor, now)
            pending = PendingEvent(self._begun(action, actor, texts, is_logged=is_early), texts)
            if not is_early:
                self._under_way[pending.id] = pending
                return pending
        self._wait(pending)
        return pending

    def end(
        self,
        pending: PendingEvent,
        outcome: AuditOutcome,
        *,
        code: str = "",
        audit_ids: tuple[str, ...] = (),
        identity: str = "",
    ) -> None:
        """Records the outcome of a read; each outcome of aggregated reads is an event of its own."""
        self._under_way.pop(pending.id, None)
        if pending.action is AuditAction.SECRET_READ:
            pending = self._secret_read(pending, outcome)
        elif pending.outcome not in {outcome, AuditOutcome.BEGUN}:
            pending.take_back()
            self._wait(pending)
            new = self._new(pending.action, pending.actor, is_logged=False)
            pending = self._aggregated.refusal(pending, outcome, now=self._clock(), new=new)
        is_first = pending.outcome is AuditOutcome.BEGUN
        pending.end(outcome, code, audit_ids=audit_ids, identity=identity)
        if is_first:
            auditlines.logged(pending.event)
        self._wait(pending)

    def denied(self, actor: str, *, code: str, **texts: Unpack[AuditTexts]) -> None:
        """Records a denial."""
        new = self._new(AuditAction.DENIAL, actor)
        self.end(self._aggregated.denial(actor, texts, now=self._clock(), new=new), AuditOutcome.DENIED, code=code)

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._write_behind()), asyncio.create_task(self._pruning.run())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.close()

    async def close(self) -> None:
        """Stores waiting events; those that cannot be stored are logged as lost."""
        await asyncio.gather(*self._completing, return_exceptions=True)
        self._waiting |= self._under_way
        for pending in () if await self.flush() else self._waiting.values():
            self._lost.add(pending)
        self._lost.close()

    async def flush(self) -> bool:
        """Stores waiting events; returns whether all of them are stored."""
        while self._waiting:
            batch = [(pending, pending.version, pending.count) for pending in islice(self._waiting.values(), _BATCH)]
            for pending, *_ in batch:
                pending.is_written = True
            try:
                await self.log.write([pending.event for pending, *_ in batch])
            except StoreError as error:
                if not self._is_failing:
                    auditlines.LOG.error(
                        "audit cannot be stored", extra={"waiting": len(self._waiting), "cause": str(error)}
                    )
                self._is_failing = True
                return False
            for pending, version, count in batch:
                self._lost.stored(pending, count)
                if pending.version == version:  # else it changed during the write
                    self._waiting.pop(pending.id, None)
            self._pruning.count(len(batch))
        self._is_failing = False
        self._has_waiting.clear()
        return True

    def _begun(self, action: AuditAction, actor: str, texts: AuditTexts, *, is_logged: bool = True) -> AuditEvent:
        all_texts: AuditTexts = {"request_id": current_request_id(), **texts}
        event = AuditEvent.new(action, actor, self._clock(), **all_texts)
        if is_logged and action is not AuditAction.DENIAL:  # a denial ends when it begins
            auditlines.logged(event)
        return event

    def _new(self, action: AuditAction, actor: str, *, is_logged: bool = True) -> NewEvent:
        return lambda texts: self._begun(action, actor, texts, is_logged=is_logged)

    def _secret_read(self, pending: PendingEvent, outcome: AuditOutcome) -> PendingEvent:
        """Returns the event itself, or the one that aggregates it: refused reads that are not stored yet have one."""
        if outcome is AuditOutcome.SUCCEEDED or pending.is_written:
            return pending
        self._waiting.pop(pending.id, None)
        return self._aggregated.refusal(
            pending, outcome, now=self._clock(), new=lambda texts: replace(pending.event, **texts)
        )

    def _wait(self, pending: PendingEvent) -> None:
        if pending.id in self._waiting:
            return
        if self.waiting >= self._policy.waiting_events:
            self._lost.add(pending)
            return
        self._waiting[pending.id] = pending
        self._has_waiting.set()

    async def _completed(self, pending: PendingEvent, outcome: AuditOutcome, code: str) -> None:
        """Records the outcome of a change; continues if the caller is cancelled."""
        pending.end(outcome, code)
        auditlines.logged(pending.event)
        completing = asyncio.create_task(self._complete(pending))
        self._completing.add(completing)
        completing.add_done_callback(self._completing.discard)
        await asyncio.shield(completing)

    async def _complete(self, pending: PendingEvent) -> None:
        try:
            await self.log.write([pending.event])
        except StoreError:
            self._wait(pending)

    async def _write_behind(self) -> None:
        pause_s = _FLUSH_EVERY_S
        while True:
            await self._has_waiting.wait()
            await asyncio.sleep(pause_s)
            is_stored = await self.flush()
            pause_s = _FLUSH_EVERY_S if is_stored else min(_LONGEST_PAUSE_S, pause_s * 2)


def current_request_id() -> str:
    """Returns the id of the current HTTP request; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
