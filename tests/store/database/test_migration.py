"""Migrations of schemas, on every database."""

import asyncio
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.database.database import Database
from store.database.migration import MIGRATIONS
from store.database.schema import REVISIONS
from store.database.tables import METADATA
from store.errors import DatabaseTooNew, MigrationError, StoreUnavailable
from store.tokens import Tokens
from tests.store.locks import TIMEOUT_S, migration_holding, writer_holding

SHORT_S = {"sqlite": 0.05, "postgresql": 1.0}  # SQLite's is for locks alone, PostgreSQL's for connecting, too

_MIGRATE = """
import asyncio, sys
from store.database.database import Database

async def main():
    async with await Database.open(sys.argv[1]) as database:
        sys.stdin.readline()
        await database.migrate()

asyncio.run(main())
"""


def test_the_code_knows_every_migration_in_order() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()

    assert tuple(script.revision for script in scripts)[::-1] == REVISIONS


async def test_the_migrated_schema_is_that_of_the_tables(empty_url: str) -> None:
    async with await Database.open(empty_url) as database:
        await database.migrate()

        assert await _compare(database) == []


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await database.migrate()

    assert await _applied(database) == [REVISIONS[-1]]


async def test_many_at_once_in_one_process_migrate_once(empty_url: str) -> None:
    databases = [await Database.open(empty_url) for _ in range(4)]

    await asyncio.gather(*(database.migrate() for database in databases))

    assert await _applied(databases[0]) == [REVISIONS[-1]]
    for database in databases:
        await database.close()


async def test_two_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    command = [sys.executable, "-W", "error", "-c", _MIGRATE, empty_url]
    processes = [await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE) for _ in range(2)]

    await asyncio.gather(*(process.communicate(b"go\n") for process in processes))

    assert [process.returncode for process in processes] == [0, 0]
    async with await Database.open(empty_url) as database:
        assert await _applied(database) == [REVISIONS[-1]]
        assert await _compare(database) == []


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty_url: str) -> None:
    async with await Database.open(empty_url) as database:
        await database.migrate()
        await _execute(database, "UPDATE alembic_version SET version_num = '9999'")

        with pytest.raises(DatabaseTooNew, match="The database has schema 9999, which a newer fleetgraph wrote"):
            await database.migrate()

        assert await _applied(database) == ["9999"]


async def test_a_step_that_fails_leaves_nothing(empty_url: str) -> None:
    async with await Database.open(empty_url) as database:
        await _execute(database, "CREATE TABLE api_token (other INTEGER)")

        with pytest.raises(MigrationError, match=r"could not be brought up to date: .*api_token.* already exists"):
            await database.migrate()

        async with database.read() as session:
            connection = await session.connection()
            assert await _table_names(connection) == ["api_token"]


async def test_a_current_schema_needs_no_lock(sqlite_file: Path) -> None:
    async with await Database.open(f"sqlite:///{sqlite_file}", timeout_s=TIMEOUT_S) as database:
        with writer_holding(sqlite_file):
            await database.migrate()


async def test_another_process_that_migrates_is_waited_for_beyond_the_timeout(
    empty_url: str, statements: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with asyncio.timeout(60), await Database.open(empty_url, timeout_s=_short_s(empty_url)) as database:
        await database.ping()
        async with migration_holding(empty_url):
            migrating = asyncio.create_task(database.migrate())
            while _attempts(statements) < 3 and not migrating.done():  # noqa: ASYNC110  it is not told by an event
                await asyncio.sleep(0.01)
            assert not migrating.done()
        await migrating

        assert await _applied(database) == [REVISIONS[-1]]
        assert caplog.messages == [f"waiting up to 600 s for another process that migrates the database {database.url}"]


async def test_a_file_that_another_process_has_just_created_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is locked before the first statement: for the change of its journal."""
    path = tmp_path / "fleetgraph.db"
    async with asyncio.timeout(60), await Database.open(f"sqlite:///{path}", timeout_s=0.05) as database:
        with writer_holding(path):
            migrating = asyncio.create_task(database.migrate())
            while not caplog.messages and not migrating.done():  # noqa: ASYNC110  it is not told by an event
                await asyncio.sleep(0.01)
            assert not migrating.done()
        await migrating

        assert await _applied(database) == [REVISIONS[-1]]


async def test_a_statement_of_a_migration_may_take_longer_than_the_timeout(
    empty_url: str,
) -> None:
    timeout_s = _short_s(empty_url)
    async with asyncio.timeout(60), await Database.open(empty_url, timeout_s=timeout_s) as database:
        async with database.write() as session:
            await (await session.connection()).run_sync(_upgrade_to, "0006")
        async with await Database.open(empty_url) as other, other.write() as session:
            await (await session.connection()).execute(text("UPDATE cluster SET name = name"))
            migrating = asyncio.create_task(database.migrate())
            ended, _ = await asyncio.wait({migrating}, timeout=2 * timeout_s)
            assert not ended
        await migrating

        assert await _applied(database) == [REVISIONS[-1]]


async def test_a_migration_that_gets_no_lock_is_reported_with_the_way_out(empty_url: str) -> None:
    async with await Database.open(empty_url, timeout_s=_short_s(empty_url)) as database:
        await database.ping()
        async with migration_holding(empty_url):
            with pytest.raises(StoreUnavailable) as failure:
                await database.migrate(wait_s=0.05)

        assert str(failure.value) == (
            f"The database {database.url} was not migrated: another process has held its lock for more than 0.05 s. "
            "Wait until that process has ended, or end it if it hangs, then start again."
        )
        await database.migrate()
        assert await _applied(database) == [REVISIONS[-1]]


async def test_tokens_of_before_stand_for_users_whose_names_no_identity_provider_has(empty_url: str) -> None:
    names = ("ci", "sso:alice", "system:admin", "operator")
    async with await Database.open(empty_url) as database:
        async with database.write() as session:
            await (await session.connection()).run_sync(_upgrade_to, "0003")
        for index, name in enumerate(names):
            await _execute(
                database,
                "INSERT INTO api_token (id, name, prefix, secret_sha256, is_administrator, created_at) "  # noqa: S608  ours
                f"VALUES ('{index}', '{name}', '{index}', '', true, '2026-01-01 00:00:00')",
            )

        await database.migrate()

        users = {token.name: (token.user, token.groups) for token in await Tokens(database).all()}
        assert users == {
            "ci": ("ci", frozenset()),
            "sso:alice": ("sso-alice", frozenset()),
            "system:admin": ("system-admin", frozenset()),
            "operator": ("operator-token", frozenset()),
        }


def _short_s(url: str) -> float:
    return SHORT_S[url.partition(":")[0]]


def _attempts(statements: list[str]) -> int:
    return sum(statement.startswith(("BEGIN IMMEDIATE", "SELECT pg_try_advisory")) for statement in statements)


def _upgrade_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def _compare(database: Database) -> list[object]:
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, METADATA))

    async with database.read() as session:
        return await (await session.connection()).run_sync(compare)


async def _applied(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await (await session.connection()).scalars(text("SELECT version_num FROM alembic_version")))


async def _table_names(connection: AsyncConnection) -> list[str]:
    return await connection.run_sync(lambda sync: inspect(sync).get_table_names())


async def _execute(database: Database, statement: str) -> None:
    async with database.write() as session:
        await (await session.connection()).execute(text(statement))
