"""Removal of audit events that are too old, and of the oldest that changed nothing if there are too many."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from resolvers.audit.policy import AuditPolicy, AuditStore
from store.errors import StoreError

_LOG = logging.getLogger("audit")
_EVERY_S: Final = 3600.0
_EVERY_EVENTS: Final = 10_000


class Pruning:
    """Prunes one store at the start, each hour, and whenever this process has written 10,000 events."""

    def __init__(self, log: AuditStore, policy: AuditPolicy, clock: Callable[[], datetime]) -> None:
        self._log = log
        self._policy = policy
        self._clock = clock
        self._written = 0
        self._has_many_new = asyncio.Event()

    def count(self, events: int) -> None:
        """Counts events that were written."""
        self._written += events
        if self._written >= _EVERY_EVENTS:
            self._written = 0
            self._has_many_new.set()

    async def run(self) -> None:
        """Prunes until it is cancelled; after a failure the next run prunes."""
        while True:
            self._has_many_new.clear()
            with suppress(StoreError):
                await self._prune()
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await self._has_many_new.wait()

    async def _prune(self) -> None:
        removed = await self._log.prune(self._clock() - self._policy.retention)
        if removed:
            _LOG.info("audit events removed", extra={"count": removed, "days": self._policy.retention.days})
        removed = await self._log.trim(self._policy.most_events)
        if removed:
            _LOG.warning("audit events removed", extra={"count": removed, "limit": self._policy.most_events})
