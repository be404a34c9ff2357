"""Lookup of API tokens by prefix, many in one query, so that invented tokens do not delay valid ones.

Requests that arrive during a query are part of the next one, which begins later: an answer is never older than its
request. The duration of a query hardly depends on the number of prefixes.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from sqlmodel import col, select

from store.database.database import Database
from store.database.tables import ApiToken

QUERIES_AT_ONCE: Final = 2
MOST_IN_A_QUERY: Final = 256

_Waiting = dict[str, "asyncio.Future[ApiToken | None]"]


class TokenLookup:
    """A batching lookup of rows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: _Waiting = {}
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def row(self, prefix: str) -> ApiToken | None:
        """Returns the current row of a prefix; None if there is none.

        Raises:
            StoreUnavailable: The database does not answer.
        """
        future = self._waiting.get(prefix)
        if future is None:
            future = self._waiting[prefix] = asyncio.get_running_loop().create_future()
            if self._running < QUERIES_AT_ONCE:
                self._running += 1
                task = asyncio.create_task(self._answer())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(future)

    async def _answer(self) -> None:
        try:
            while self._waiting:
                await self._answer_some()
        finally:
            self._running -= 1

    async def _answer_some(self) -> None:
        batch = {prefix: self._waiting.pop(prefix) for prefix in list(self._waiting)[:MOST_IN_A_QUERY]}
        try:
            rows = await self.select(list(batch))
        except Exception as error:  # noqa: BLE001  raised in the waiting tasks
            for future in batch.values():
                future.set_exception(error)
                future.exception()  # no task may be waiting any more
        else:
            for prefix, future in batch.items():
                future.set_result(rows.get(prefix))

    async def select(self, prefixes: list[str]) -> Mapping[str, ApiToken]:
        """Returns the rows by prefix, from one query.

        The number of its parameters is a power of two, so that there are few different statements.
        """
        padding = (1 << (len(prefixes) - 1).bit_length()) - len(prefixes)
        padded = [*prefixes, *prefixes[:1] * padding]
        condition = col(ApiToken.prefix) == padded[0] if len(padded) == 1 else col(ApiToken.prefix).in_(padded)
        return {row.prefix: row for row in await self._database.select(select(ApiToken).where(condition))}
