"""Concurrent tokens are looked up together, and none by a query that began before its request."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from store import tokenlookup
from store.database.database import Database
from store.database.tables import ApiToken
from store.errors import StoreUnavailable
from store.tokenlookup import TokenLookup
from store.tokens import Tokens


class Counted(TokenLookup):
    """A database that counts its queries, and blocks reads until `gate` is set."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.queries: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def select(self, prefixes: list[str]) -> dict[str, ApiToken]:
        self.queries.append(len(prefixes))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return dict(await super().select(prefixes))


@pytest_asyncio.fixture(loop_scope="session")
async def lookup(database: Database) -> AsyncIterator[Counted]:
    yield Counted(database)


async def _found(lookup: TokenLookup, prefixes: list[str]) -> list[str | None]:
    rows = await asyncio.gather(*(lookup.row(prefix) for prefix in prefixes))
    return [None if row is None else row.name for row in rows]


async def test_many_at_once_are_few_queries(lookup: Counted, tokens: Tokens) -> None:
    valid = [(await tokens.create(f"t{number}", is_administrator=False)).record for number in range(3)]
    made_up = [f"{number:012x}" for number in range(700)]

    found = await _found(lookup, [*made_up, *(item.prefix for item in valid)])

    assert found == [None] * 700 + ["t0", "t1", "t2"]
    assert len(lookup.queries) == 3
    assert max(lookup.queries) == tokenlookup.MOST_IN_A_QUERY


@pytest.mark.parametrize("count", [1, 2, 3, 5])
async def test_any_number_is_found(lookup: Counted, tokens: Tokens, count: int) -> None:
    created = [(await tokens.create(f"t{number}", is_administrator=False)).record for number in range(count)]

    assert await _found(lookup, [item.prefix for item in created]) == [item.name for item in created]


async def test_a_token_that_comes_later_waits_for_a_query_that_begins_later(lookup: Counted, tokens: Tokens) -> None:
    prefix = (await tokens.create("t", is_administrator=False)).record.prefix
    lookup.gate.clear()
    before = [asyncio.create_task(lookup.row(prefix)) for _ in range(2)]
    await _until_asked(lookup, 1)

    after = asyncio.create_task(lookup.row(prefix))
    await _until_asked(lookup, 2)
    lookup.gate.set()

    assert [row.name for row in await asyncio.gather(*before, after) if row is not None] == ["t"] * 3
    assert lookup.queries == [1, 1]


async def test_an_outage_is_raised_for_all_who_wait_and_ends(lookup: Counted) -> None:
    lookup.error = StoreUnavailable("away")

    failed = await asyncio.gather(*(lookup.row(f"{number:012x}") for number in range(5)), return_exceptions=True)
    lookup.error = None

    assert [type(item) for item in failed] == [StoreUnavailable] * 5
    assert await lookup.row("0" * 12) is None


async def test_who_goes_away_takes_nothing_from_others(lookup: Counted, tokens: Tokens) -> None:
    prefix = (await tokens.create("t", is_administrator=False)).record.prefix
    gone, stays = (asyncio.create_task(lookup.row(prefix)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()

    row = await stays

    assert row is not None
    assert row.name == "t"


async def _until_asked(lookup: Counted, queries: int) -> None:
    async with asyncio.timeout(10):
        while len(lookup.queries) < queries:  # noqa: ASYNC110  it is not told by an event
            await asyncio.sleep(0)
