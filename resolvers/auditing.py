"""Keeping the audit: nothing that changes something happens before it is on record, and nothing is dropped in silence.

- What changes something (`changing`) is written to the store before its effect, and is refused if that fails.
- Reads must not wait for a store (`begin`): they are noted in memory before they are sent, and written behind them, a
  batch at a time. While the store is away they wait there; when no more fit, the policy says what happens then.
- Equal reads and denials within a minute are one event with a count, so that no caller can fill the table. Reads of
  secrets are never joined.
- Each event is a line of the log, too, when it begins to be something of its own and when it ends.

The log lines are what is left when a process dies before it could write.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import islice
from types import TracebackType
from typing import Final, Self, Unpack

import structlog

from k8s.errors import ClusterError, ErrorCode
from resolvers.auditact import Act, ActKey
from resolvers.auditpolicy import AuditPolicy, KeepsAudit, WhenFull
from resolvers.errors import QueryError
from store.auditevent import AuditAction, AuditEvent, AuditOutcome, AuditTexts
from store.errors import StoreError
from store.utctime import utc_now

LOGGER: Final = "audit"
_LOG = logging.getLogger(LOGGER)

_JOINED_FOR: Final = timedelta(minutes=1)
_JOINED_KINDS: Final = 4096
_BATCH: Final = 500
_FLUSH_EVERY_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_PRUNE_EVERY_S: Final = 3600.0


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
        lost: events that are in the process's log only, because they could not be stored.
    """

    def __init__(
        self, log: KeepsAudit, policy: AuditPolicy | None = None, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.log = log
        self.lost = 0
        self._policy = policy or AuditPolicy()
        self._clock = clock
        self._waiting: dict[str, Act] = {}
        self._joined: OrderedDict[ActKey, Act] = OrderedDict()
        self._has_waiting = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_failing = False

    @property
    def waiting(self) -> int:
        """How many events wait for the store."""
        return len(self._waiting)

    @property
    def must_refuse(self) -> bool:
        """Whether reads that must be on record are refused now."""
        return len(self._waiting) >= self._policy.waiting_events and self._policy.when_full is WhenFull.REFUSE

    @asynccontextmanager
    async def changing(self, action: AuditAction, actor: str, **texts: Unpack[AuditTexts]) -> AsyncIterator[Act]:
        """Puts a change on record, lets it happen, and notes how it ended, also if nobody waits for that any more.

        Raises:
            StoreError: it cannot be put on record, so it must not happen.
        """
        act = Act(self._begun(action, actor, texts))
        await self.log.write([act.event])
        try:
            yield act
        except BaseException as error:
            await self._completed(act, *failure(error))
            raise
        await self._completed(act, AuditOutcome.SUCCEEDED, "")

    def begin(self, action: AuditAction, actor: str, **texts: Unpack[AuditTexts]) -> Act:
        """Notes a read before it is sent; whoever begins it ends it."""
        if action is AuditAction.SECRET_READ:
            act = Act(self._begun(action, actor, texts))
        else:
            act = self._joining(action, actor, texts)
        self._wait(act)
        return act

    def end(
        self, act: Act, outcome: AuditOutcome, *, code: str = "", audit_ids: tuple[str, ...] = (), identity: str = ""
    ) -> None:
        """Notes how a read ended; of joined ones, each way to end is an event of its own."""
        if act.outcome is not outcome and act.outcome is not AuditOutcome.BEGUN:
            act = self._joined[act.key] = act.anew(self._clock())
        is_first = act.outcome is AuditOutcome.BEGUN
        act.end(outcome, code, audit_ids=audit_ids, identity=identity)
        if is_first:
            _logged(act.event)
        self._wait(act)

    def denied(self, actor: str, *, code: str, **texts: Unpack[AuditTexts]) -> None:
        """Notes that somebody was refused."""
        self.end(self.begin(AuditAction.DENIAL, actor, **texts), AuditOutcome.DENIED, code=code)

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._write_behind()), asyncio.create_task(self._prune_for_ever())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not await self.flush():
            for act in self._waiting.values():
                self._lose(act)

    async def flush(self) -> bool:
        """Writes what waits; returns whether all of it is stored."""
        while self._waiting:
            batch = [(act, act.version) for act in islice(self._waiting.values(), _BATCH)]
            try:
                await self.log.write([act.event for act, _version in batch])
            except StoreError as error:
                if not self._is_failing:
                    _LOG.error("audit cannot be stored", extra={"waiting": len(self._waiting), "cause": str(error)})
                self._is_failing = True
                return False
            for act, version in batch:
                if act.version == version:  # else it has changed meanwhile
                    self._waiting.pop(act.id, None)
        self._is_failing = False
        self._has_waiting.clear()
        return True

    def _begun(self, action: AuditAction, actor: str, texts: AuditTexts) -> AuditEvent:
        given: AuditTexts = {"request_id": current_request_id(), **texts}
        event = AuditEvent.new(action, actor, self._clock(), **given)
        if action is not AuditAction.DENIAL:  # it is over when it begins
            _logged(event)
        return event

    def _joining(self, action: AuditAction, actor: str, texts: AuditTexts) -> Act:
        key = (action, actor, *texts.items())
        act, now = self._joined.get(key), self._clock()
        if act is not None and now - act.at < _JOINED_FOR:
            act.repeat(now)
            return act
        act = self._joined[key] = Act(self._begun(action, actor, texts), key)
        self._joined.move_to_end(key)
        if len(self._joined) > _JOINED_KINDS:
            self._joined.popitem(last=False)
        return act

    def _wait(self, act: Act) -> None:
        if act.id in self._waiting:
            return
        if len(self._waiting) >= self._policy.waiting_events:
            self._lose(act)
            return
        self._waiting[act.id] = act
        self._has_waiting.set()

    def _lose(self, act: Act) -> None:
        self.lost += 1
        _LOG.error("audit event is not stored", extra={"audit": _shown(act.event)})

    async def _completed(self, act: Act, outcome: AuditOutcome, code: str) -> None:
        act.end(outcome, code)
        _logged(act.event)
        try:
            await asyncio.shield(self.log.write([act.event]))
        except StoreError:
            self._wait(act)

    async def _write_behind(self) -> None:
        pause_s = _FLUSH_EVERY_S
        while True:
            await self._has_waiting.wait()
            await asyncio.sleep(pause_s)
            is_stored = await self.flush()
            pause_s = _FLUSH_EVERY_S if is_stored else min(_LONGEST_PAUSE_S, pause_s * 2)

    async def _prune_for_ever(self) -> None:
        while True:
            with suppress(StoreError):  # the next hour does it
                removed = await self.log.prune(self._clock() - self._policy.retention)
                if removed:
                    _LOG.info("audit events removed", extra={"count": removed, "days": self._policy.retention.days})
            await asyncio.sleep(_PRUNE_EVERY_S)


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


def _logged(event: AuditEvent) -> None:
    _LOG.info("audit", extra={"audit": _shown(event)})


def _shown(event: AuditEvent) -> dict[str, object]:
    """What there is to say, times as texts."""
    said = {name: value for name, value in asdict(event).items() if value not in ("", ())}
    return {**said, "at": event.at.isoformat(), "until": event.until.isoformat()}
