"""Rows of API tokens by prefix, many in one query: strangers who make tokens up delay nobody who has a valid one.

What arrives while queries run is looked up by the next one, which begins afterwards: an answer is never older than the
question. However many wait, the query takes about as long as for one.
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
    """Finds rows in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: _Waiting = {}
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def row(self, prefix: str) -> ApiToken | None:
        """Returns the row of a prefix, as the database has it now; None if there is none.

        Raises:
            StoreUnavailable: The database does not answer.
        """
        found = self._waiting.get(prefix)
        if found is None:
            found = self._waiting[prefix] = asyncio.get_running_loop().create_future()
            if self._running < QUERIES_AT_ONCE:
                self._running += 1
                task = asyncio.create_task(self._answer())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(found)

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
        except Exception as error:  # noqa: BLE001  raised where it is waited for
            for found in batch.values():
                found.set_exception(error)
                found.exception()  # nobody may be left who waits
        else:
            for prefix, found in batch.items():
                found.set_result(rows.get(prefix))

    async def select(self, prefixes: list[str]) -> Mapping[str, ApiToken]:
        """Returns the rows by prefix, from one query.

        The number of its parameters is a power of two, so that there are few different statements.
        """
        padding = (1 << (len(prefixes) - 1).bit_length()) - len(prefixes)
        asked = [*prefixes, *prefixes[:1] * padding]
        is_asked = col(ApiToken.prefix) == asked[0] if len(asked) == 1 else col(ApiToken.prefix).in_(asked)
        return {row.prefix: row for row in await self._database.select(select(ApiToken).where(is_asked))}
