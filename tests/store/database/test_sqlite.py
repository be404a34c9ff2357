"""SQLite only: its files and its configuration."""

import asyncio
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from store.database.database import Database
from store.database.sqlite import prepare_file
from store.errors import StoreUnavailable
from tests.store.locks import TIMEOUT_S


async def test_a_new_sqlite_file_and_its_directory_are_private(tmp_path: Path) -> None:
    directory = tmp_path / "data"

    async with await Database.open(f"sqlite:///{directory}/fleetgraph.db") as database:
        await database.migrate()
        modes = _modes(directory)

    assert _mode(directory) == 0o700
    assert modes == {"fleetgraph.db": 0o600, "fleetgraph.db-wal": 0o600, "fleetgraph.db-shm": 0o600}


def test_an_existing_directory_and_file_keep_their_modes(tmp_path: Path) -> None:
    file = tmp_path / "shared" / "fleetgraph.db"
    file.parent.mkdir(mode=0o750)
    file.touch(mode=0o640)

    prepare_file(file)

    assert (_mode(file.parent), _mode(file)) == (0o750, 0o640)


async def test_sqlite_is_set_up_for_readers_beside_a_writer(sqlite_file: Path) -> None:
    async with await Database.open(f"sqlite:///{sqlite_file}", timeout_s=TIMEOUT_S) as database:
        found = [await _scalar(database, f"PRAGMA {name}") for name in ("journal_mode", "foreign_keys", "busy_timeout")]

    assert found == ["wal", 1, 300]


async def test_what_is_no_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / "fleetgraph.db").write_bytes(b"canary" * 1000)

    async with await Database.open(f"sqlite:///{tmp_path}/fleetgraph.db") as database:
        with pytest.raises(StoreUnavailable, match=r"fleetgraph\.db is unavailable: file is not a database"):
            await database.migrate()


async def test_a_file_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with pytest.raises(StoreUnavailable, match=r"data/x/fleetgraph\.db cannot be reached: .*Not a directory"):
        await Database.open(f"sqlite:///{tmp_path}/data/x/fleetgraph.db")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _modes(directory: Path) -> dict[str, int]:
    return {entry.name: _mode(entry) for entry in directory.iterdir()}


async def _scalar(database: Database, statement: str) -> object:
    async with database.read() as session:
        found: object = await (await session.connection()).scalar(text(statement))
        return found


async def test_writers_of_a_process_take_turns(sqlite_file: Path, statements: list[str]) -> None:
    async with await Database.open(f"sqlite:///{sqlite_file}") as database:

        async def write() -> None:
            async with database.write():
                pass

        async with database.write():
            waiting = [asyncio.create_task(write()) for _ in range(5)]
            await asyncio.wait(waiting, timeout=0.3)
            assert statements.count("BEGIN IMMEDIATE") == 1
        await asyncio.gather(*waiting)

    assert statements.count("BEGIN IMMEDIATE") == 6


async def test_a_turn_to_write_that_does_not_come_is_reported(sqlite_file: Path) -> None:
    async with await Database.open(f"sqlite:///{sqlite_file}", timeout_s=TIMEOUT_S) as database, database.write():
        with pytest.raises(StoreUnavailable, match="is overloaded: earlier writes took too long"):
            async with database.write():
                pytest.fail("it is not its turn")
