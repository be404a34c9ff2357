"""Which installation of fleetgraph this is: what it makes in a cluster carries this id, and it touches nothing else."""

from typing import Final
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from store.database.database import Database
from store.database.tables import Installation

_ONLY: Final = 1


class Installations:
    """Knows the id that all replicas over one database share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def id(self) -> str:
        """Returns the id, made at the first call; raises `StoreUnavailable` if the database does not answer."""
        return await self._read() or await self._made()

    async def _read(self) -> str | None:
        async with self._database.read() as session:
            row = await session.get(Installation, _ONLY)
        return None if row is None else row.id

    async def _made(self) -> str:
        row = Installation(number=_ONLY, id=str(uuid4()))
        try:
            async with self._database.write() as session:
                session.add(row)
        except IntegrityError:  # another replica was first
            return await self._read() or row.id
        return row.id
