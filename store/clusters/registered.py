"""The registered clusters in memory, read again after each change of a cluster or a grant."""

import asyncio
from typing import Final

from sqlmodel import col, select

from store.clusters.cluster import OpenedCluster
from store.clusters.clusters import Clusters
from store.database.database import Database
from store.database.tables import RegistryGeneration

ONLY: Final = 1
"""The number of the only row."""


class RegisteredClusters:
    """All registered clusters as they are now, from memory for as long as the registry has the same generation.

    The generation is read at every call, so a change by any process is seen at once. It is read before the clusters,
    which are therefore never older than it. Calls that wait share the next reading, however often the registry changes
    meanwhile. Credentials stay encrypted.
    """

    def __init__(self, database: Database, clusters: Clusters) -> None:
        self._database = database
        self._clusters = clusters
        self._generation: int | None = None
        self._opened: tuple[OpenedCluster, ...] = ()
        self._reading = asyncio.Lock()
        self._begun = self._done = 0  # the numbers of the last readings that have begun, and that are done

    async def open(self) -> tuple[OpenedCluster, ...]:
        """Returns all clusters, ordered by name; the same object unless a cluster or a grant has changed.

        Raises:
            StoreUnavailable: The database does not answer.
        """
        begun_before = self._begun
        if await self._is_current():
            return self._opened
        async with self._reading:
            if self._done <= begun_before:
                await self._read()
            return self._opened

    async def _read(self) -> None:
        self._begun = number = self._begun + 1
        generation = await self._read_generation()
        if generation is None or generation != self._generation:
            opened = await self._clusters.open()
            self._generation, self._opened = generation, opened
        self._done = number

    async def _is_current(self) -> bool:
        generation = await self._read_generation()
        return generation is not None and generation == self._generation

    async def _read_generation(self) -> int | None:
        """Returns the generation; None if its row was removed by hand, until the next change creates it again."""
        statement = select(RegistryGeneration.value).where(col(RegistryGeneration.number) == ONLY)
        return next(iter(await self._database.select(statement)), None)
