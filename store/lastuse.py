"""When tokens were last used, written behind the requests that use them.

A locked or slow database must not delay or refuse a request that only reads, so the writing is a task of its own, one a
token at a time. If it fails, the next use tries again; nothing but the time shown in a list depends on it.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, update

from store.database.database import Database
from store.database.tables import ApiToken
from store.errors import StoreUnavailable

PRECISION: Final = timedelta(minutes=1)  # how exact the time is, which bounds how often it is written

_log = logging.getLogger(__name__)


class LastUse:
    """Notes uses of tokens; must be drained before its database is closed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writing: dict[str, asyncio.Task[None]] = {}

    def note(self, token_id: str, previous: datetime | None, *, now: datetime) -> None:
        """Has the use written unless the previous one is recent or a writing of this token is under way."""
        if token_id in self._writing or (previous is not None and now - previous < PRECISION):
            return
        task = asyncio.create_task(self._write(token_id, now))
        self._writing[token_id] = task
        task.add_done_callback(lambda _: self._writing.pop(token_id, None))

    async def drain(self) -> None:
        """Waits for all writing that is under way."""
        await asyncio.gather(*self._writing.values())

    async def _write(self, token_id: str, now: datetime) -> None:
        try:
            async with self._database.write() as session:
                await session.exec(update(ApiToken).where(col(ApiToken.id) == token_id).values(last_used_at=now))
        except StoreUnavailable as error:
            _log.warning("the last use of an API token was not written: %s", error)
