"""Keeping the audit: nothing that changes something happens before it is on record, and nothing is dropped in silence.

- What changes something (`changing`) is written to the store before its effect, and is refused if that fails.
- Reads must not wait for a store (`begin`): they are noted in memory before they are sent, and written behind them, a
  batch at a time. While the store is away they wait there; when no more fit, the policy says what happens then.
- Equal uses and refusals within a minute are one event with a count, and a caller has a bounded number of them, so that
  nobody can fill the table (`resolvers.audit.aggregation`). Reads of secrets that succeed are never joined.
- Each event is a line of the log, too, when it begins to be something of its own and when it ends.

The log lines are what is left when a process dies before it could write.
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
from resolvers.audit.pendingevent import PendingEvent
from resolvers.audit.policy import AuditPolicy, AuditStore, WhenFull
from resolvers.audit.pruning import Pruning
from resolvers.errors import QueryError
from store.audit.event import AuditAction, AuditEvent, AuditOutcome, AuditTexts
from store.clock import utc_now
from store.errors import StoreError

LOGGER: Final = auditlines.LOGGER

_BATCH: Final = 500
_FLUSH_EVERY_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0


class AuditUnavailable(ClusterError):
    """A read that must be on record could not be put there, so it was not sent."""

    code = ErrorCode.INTERNAL
    retryable = True
    reason = "AuditUnavailable"

    def __init__(self, cluster: str) -> None:
        super().__init__(cluster, "it was not asked, because the audit cannot be written now; try again later.")


class Auditor:
    """Keeps the audit of one process; a context manager, in which it writes behind reads.

    Attributes:
        log: where events are stored.
    """

    def __init__(
        self, log: AuditStore, policy: AuditPolicy | None = None, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.log = log
        self._policy = policy or AuditPolicy()
        self._clock = clock
        self._waiting: dict[str, PendingEvent] = {}
        self._under_way: dict[str, PendingEvent] = {}
        self._joined = EventAggregator()
        self._lost = LostEvents(self._policy.waiting_events)
        self._completing: set[asyncio.Task[None]] = set()
        self._has_waiting = asyncio.Event()
        self._pruning = Pruning(log, self._policy, clock)
        self._tasks: list[asyncio.Task[None]] = []
        self._is_failing = False

    @property
    def lost(self) -> int:
        """How many events are in the process's log only, because they could not be stored; joined ones each."""
        return self._lost.count

    @property
    def waiting(self) -> int:
        """How many events wait for the store."""
        return len(self._waiting) + len(self._under_way)

    @property
    def must_refuse(self) -> bool:
        """Whether reads that must be on record are refused now."""
        return self.waiting >= self._policy.waiting_events and self._policy.when_full is WhenFull.REFUSE

    @asynccontextmanager
    async def changing(
        self, action: AuditAction, actor: str, **texts: Unpack[AuditTexts]
    ) -> AsyncIterator[PendingEvent]:
        """Puts a change on record, lets it happen, and notes how it ended, also if nobody waits for that any more.

        Raises:
            StoreError: it cannot be put on record, so it must not happen.
        """
        act = PendingEvent(self._begun(action, actor, texts))
        await self.log.write([act.event])
        try:
            yield act
        except BaseException as error:
            await self._completed(act, *failure(error))
            raise
        await self._completed(act, AuditOutcome.SUCCEEDED, "")

    def begin(self, action: AuditAction, actor: str, **texts: Unpack[AuditTexts]) -> PendingEvent:
        """Notes a read before it is sent; whoever begins it ends it."""
        now = self._clock()
        if action is not AuditAction.SECRET_READ:
            act = self._joined.use(action, actor, texts, now=now, new=self._new(action, actor))
        else:
            is_early = self._joined.may_be_early(actor, now)
            act = PendingEvent(self._begun(action, actor, texts, is_logged=is_early), texts)
            if not is_early:
                self._under_way[act.id] = act
                return act
        self._wait(act)
        return act

    def end(
        self,
        act: PendingEvent,
        outcome: AuditOutcome,
        *,
        code: str = "",
        audit_ids: tuple[str, ...] = (),
        identity: str = "",
    ) -> None:
        """Notes how a read ended; of joined ones, each way to end is an event of its own."""
        self._under_way.pop(act.id, None)
        if act.action is AuditAction.SECRET_READ:
            act = self._secret_read(act, outcome)
        elif act.outcome not in {outcome, AuditOutcome.BEGUN}:
            act.take_back()
            self._wait(act)
            new = self._new(act.action, act.actor, is_logged=False)
            act = self._joined.refusal(act, outcome, now=self._clock(), new=new)
        is_first = act.outcome is AuditOutcome.BEGUN
        act.end(outcome, code, audit_ids=audit_ids, identity=identity)
        if is_first:
            auditlines.logged(act.event)
        self._wait(act)

    def denied(self, actor: str, *, code: str, **texts: Unpack[AuditTexts]) -> None:
        """Notes that somebody was refused."""
        new = self._new(AuditAction.DENIAL, actor)
        self.end(self._joined.denial(actor, texts, now=self._clock(), new=new), AuditOutcome.DENIED, code=code)

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._write_behind()), asyncio.create_task(self._pruning.run())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._completing, return_exceptions=True)
        self._waiting |= self._under_way
        if not await self.flush():
            for act in self._waiting.values():
                self._lost.add(act)
        self._lost.close()

    async def flush(self) -> bool:
        """Writes what waits; returns whether all of it is stored."""
        while self._waiting:
            batch = [(act, act.version, act.count) for act in islice(self._waiting.values(), _BATCH)]
            for act, *_ in batch:
                act.is_written = True
            try:
                await self.log.write([act.event for act, *_ in batch])
            except StoreError as error:
                if not self._is_failing:
                    auditlines.LOG.error(
                        "audit cannot be stored", extra={"waiting": len(self._waiting), "cause": str(error)}
                    )
                self._is_failing = True
                return False
            for act, version, count in batch:
                self._lost.stored(act, count)
                if act.version == version:  # else it has changed meanwhile
                    self._waiting.pop(act.id, None)
            self._pruning.count(len(batch))
        self._is_failing = False
        self._has_waiting.clear()
        return True

    def _begun(self, action: AuditAction, actor: str, texts: AuditTexts, *, is_logged: bool = True) -> AuditEvent:
        given: AuditTexts = {"request_id": current_request_id(), **texts}
        event = AuditEvent.new(action, actor, self._clock(), **given)
        if is_logged and action is not AuditAction.DENIAL:  # it is over when it begins
            auditlines.logged(event)
        return event

    def _new(self, action: AuditAction, actor: str, *, is_logged: bool = True) -> NewEvent:
        return lambda texts: self._begun(action, actor, texts, is_logged=is_logged)

    def _secret_read(self, act: PendingEvent, outcome: AuditOutcome) -> PendingEvent:
        """The act itself, or what joins it: refused reads are joined unless they are in the store already."""
        if outcome is AuditOutcome.SUCCEEDED or act.is_written:
            return act
        self._waiting.pop(act.id, None)
        return self._joined.refusal(act, outcome, now=self._clock(), new=lambda texts: replace(act.event, **texts))

    def _wait(self, act: PendingEvent) -> None:
        if act.id in self._waiting:
            return
        if self.waiting >= self._policy.waiting_events:
            self._lost.add(act)
            return
        self._waiting[act.id] = act
        self._has_waiting.set()

    async def _completed(self, act: PendingEvent, outcome: AuditOutcome, code: str) -> None:
        """Notes how a change ended; whoever goes away meanwhile does not keep it from waiting for the store."""
        act.end(outcome, code)
        auditlines.logged(act.event)
        completing = asyncio.create_task(self._complete(act))
        self._completing.add(completing)
        completing.add_done_callback(self._completing.discard)
        await asyncio.shield(completing)

    async def _complete(self, act: PendingEvent) -> None:
        try:
            await self.log.write([act.event])
        except StoreError:
            self._wait(act)

    async def _write_behind(self) -> None:
        pause_s = _FLUSH_EVERY_S
        while True:
            await self._has_waiting.wait()
            await asyncio.sleep(pause_s)
            is_stored = await self.flush()
            pause_s = _FLUSH_EVERY_S if is_stored else min(_LONGEST_PAUSE_S, pause_s * 2)


def current_request_id() -> str:
    """The id of the HTTP request that is being answered; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def failure(error: BaseException) -> tuple[AuditOutcome, str]:
    """How an act ended that raised, and why."""
    if isinstance(error, ClusterError | QueryError):
        is_denied = error.code in {ErrorCode.FORBIDDEN, ErrorCode.UNAUTHENTICATED}
        return (AuditOutcome.DENIED if is_denied else AuditOutcome.FAILED), error.code
    is_failure = isinstance(error, Exception)
    return (AuditOutcome.FAILED, type(error).__name__) if is_failure else (AuditOutcome.ABANDONED, "")
