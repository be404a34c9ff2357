"""A SQLite file with a writer in another process: the calls that wait, their timeout, and those that do not wait."""

import asyncio
from pathlib import Path

import pytest

from store.clusters.clusters import Clusters
from store.database.database import Database
from store.errors import StoreUnavailable
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing
from store.tokens import Tokens
from tests.store.locks import TIMEOUT_S, LoopWatch, writer_holding
from tests.store.samples import new_cluster


async def test_fa_12_a_locked_file_is_waited_for_and_then_reported(sqlite_file: Path, keys: KeyRing) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(60), await Database.open(f"sqlite:///{sqlite_file}", timeout_s=1) as database:
        clusters = Clusters(database, Cipher(keys))
        await clusters.select()
        with writer_holding(sqlite_file):
            watch, started = LoopWatch(), loop.time()
            with pytest.raises(StoreUnavailable, match=r"is unavailable: database is locked\.") as failure:
                await clusters.add(new_cluster("prod"))
            elapsed_s = loop.time() - started
            watch.stop()

    assert elapsed_s >= 0.95
    assert watch.ticks > 10  # of some 200; of one, if the loop waited
    assert failure.value.__cause__ is not None


async def test_fa_12_reads_go_on_while_a_writer_holds_the_file(sqlite_file: Path, keys: KeyRing) -> None:
    async with await Database.open(f"sqlite:///{sqlite_file}", timeout_s=TIMEOUT_S) as database:
        clusters = Clusters(database, Cipher(keys))
        added = await clusters.add(new_cluster("prod"))

        with writer_holding(sqlite_file):
            assert await clusters.select() == (added,)


async def test_fa_12_writes_work_again_after_the_lock(sqlite_file: Path, keys: KeyRing) -> None:
    async with await Database.open(f"sqlite:///{sqlite_file}", timeout_s=TIMEOUT_S) as database:
        clusters = Clusters(database, Cipher(keys))
        with writer_holding(sqlite_file), pytest.raises(StoreUnavailable):
            await clusters.add(new_cluster("prod"))

        added = await clusters.add(new_cluster("prod"))

        assert await clusters.select() == (added,)


async def test_a_writer_that_ends_in_time_is_waited_for(sqlite_file: Path, keys: KeyRing) -> None:
    async with await Database.open(f"sqlite:///{sqlite_file}", timeout_s=30) as database:
        clusters = Clusters(database, Cipher(keys))
        with writer_holding(sqlite_file):
            adding = asyncio.create_task(clusters.add(new_cluster("prod")))
            await clusters.select()
            assert not adding.done()

        added = await adding
        assert await clusters.select() == (added,)


async def test_a_token_is_verified_at_once_while_a_writer_holds_the_file(sqlite_file: Path) -> None:
    loop, timeout_s = asyncio.get_running_loop(), 3.0
    async with await Database.open(f"sqlite:///{sqlite_file}", timeout_s=timeout_s) as database:
        tokens = Tokens(database)
        created = await tokens.create("ci", is_administrator=True)
        with writer_holding(sqlite_file):
            started = loop.time()
            verified = await tokens.verify(created.plaintext)
            elapsed_s = loop.time() - started
            await tokens.drain()

        assert verified == created.record
        assert elapsed_s < timeout_s
        assert [record.last_used_at for record in await tokens.all()] == [None]


async def test_an_operation_that_is_cancelled_while_it_waits_leaves_nothing(sqlite_file: Path, keys: KeyRing) -> None:
    async with await Database.open(f"sqlite:///{sqlite_file}", timeout_s=10) as database:
        clusters = Clusters(database, Cipher(keys))
        with writer_holding(sqlite_file):
            adding = asyncio.create_task(clusters.add(new_cluster("prod")))
            await clusters.select()
            adding.cancel()
            with pytest.raises(asyncio.CancelledError):
                await adding

        assert await clusters.select() == ()
        await clusters.add(new_cluster("prod"))
