"""API tokens, on every database."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from store.database.database import Database
from store.errors import InvalidValue, NameTaken, NotFound
from store.tokens import Tokens
from tests.store.clock import NOON, Clock


async def test_a_token_has_its_form_and_256_random_bits(tokens: Tokens) -> None:
    created = [await tokens.create(f"t{i}", is_administrator=False) for i in range(5)]

    for token in created:
        assert re.fullmatch(r"fgt_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", token.plaintext)
        assert token.plaintext.split("_")[1] == token.record.prefix
    assert len({token.plaintext[17:] for token in created}) == 5


async def test_a_new_token_is_known_by_its_text(tokens: Tokens) -> None:
    created = await tokens.create("ci", is_administrator=True)

    verified = await tokens.verify(created.plaintext)

    assert verified == created.record
    assert verified is not None
    assert (verified.name, verified.is_administrator) == ("ci", True)
    assert (verified.created_at, verified.expires_at, verified.last_used_at, verified.revoked_at) == (
        NOON,
        None,
        None,
        None,
    )


async def test_a_token_is_no_administrators_unless_it_says_so(tokens: Tokens) -> None:
    created = await tokens.create("ci", is_administrator=False)

    verified = await tokens.verify(created.plaintext)

    assert verified is not None
    assert not verified.is_administrator


async def test_cr_8_a_token_with_any_one_character_changed_is_unknown(tokens: Tokens) -> None:
    plaintext = (await tokens.create("ci", is_administrator=True)).plaintext

    for position, character in enumerate(plaintext):
        other = "a" if character != "a" else "b"
        assert await tokens.verify(plaintext[:position] + other + plaintext[position + 1 :]) is None


async def test_cr_8_a_prefix_alone_or_with_a_secret_of_another_is_unknown(tokens: Tokens) -> None:
    first = (await tokens.create("a", is_administrator=True)).plaintext
    second = (await tokens.create("b", is_administrator=True)).plaintext

    for wrong in (first[:16], first[:17], first[:17] + second[17:], f"{first} ", first + "A", first.upper()):
        assert await tokens.verify(wrong) is None


@pytest.mark.parametrize("wrong", ["", "fgt_", "Bearer x", "fgt_%_x", "\0", "ä" * 60, "\ud800", "x" * 100_000])
async def test_what_has_not_the_form_is_unknown(tokens: Tokens, wrong: str) -> None:
    assert await tokens.verify(wrong) is None


async def test_what_has_not_the_form_does_not_reach_the_database(tokens: Tokens, statements: list[str]) -> None:
    await tokens.verify("fgt_short")

    assert statements == []


async def test_a_token_stands_for_a_user_of_its_own_name(tokens: Tokens) -> None:
    created = await tokens.create("ci", is_administrator=False)

    verified = await tokens.verify(created.plaintext)

    assert verified is not None
    assert (verified.user, verified.groups) == ("ci", frozenset())


async def test_several_tokens_may_stand_for_one_user(tokens: Tokens) -> None:
    first = await tokens.create("laptop", is_administrator=False, user="alice", groups=["web", "dev", "web"])
    second = await tokens.create("phone", is_administrator=False, user="alice")

    verified = [await tokens.verify(item.plaintext) for item in (first, second)]

    assert [(item.user, item.groups) for item in verified if item] == [
        ("alice", frozenset({"web", "dev"})),
        ("alice", frozenset()),
    ]


@pytest.mark.parametrize(
    "name", ["", " ", "a:b", "system:admin", ":", "a\nb", " a", "a ", "\0", "\ud800", "x" * 257, "operator"]
)
async def test_what_no_token_may_stand_for(tokens: Tokens, name: str) -> None:
    with pytest.raises(InvalidValue):
        await tokens.create("ci", is_administrator=False, user=name)

    assert await tokens.all() == ()


async def test_jw_9_a_token_s_default_user_has_no_colon_either(tokens: Tokens) -> None:
    with pytest.raises(InvalidValue, match="no colon"):
        await tokens.create("sso:alice", is_administrator=False)

    named = await tokens.create("sso:alice", is_administrator=False, user="alice")
    assert (named.record.name, named.record.user) == ("sso:alice", "alice")


@pytest.mark.parametrize("name", ["", "system:masters", "sso:web", "a\nb", "x" * 257])
async def test_what_no_group_of_a_token_is(tokens: Tokens, name: str) -> None:
    with pytest.raises(InvalidValue, match="not a valid name for a group"):
        await tokens.create("ci", is_administrator=False, groups=["web", name])

    assert await tokens.all() == ()


async def test_a_token_has_a_hundred_groups_at_most(tokens: Tokens) -> None:
    await tokens.create("most", is_administrator=False, groups=[f"g{i}" for i in range(100)])

    with pytest.raises(InvalidValue, match="The token has 101 groups; the limit is 100"):
        await tokens.create("more", is_administrator=False, groups=[f"g{i}" for i in range(101)])


async def test_a_token_ends_at_its_time(tokens: Tokens, clock: Clock) -> None:
    created = await tokens.create("ci", is_administrator=True, expires_at=NOON + timedelta(days=1))

    clock.now = NOON + timedelta(days=1, microseconds=-1)
    assert await tokens.verify(created.plaintext) is not None
    clock.now = NOON + timedelta(days=1)
    assert await tokens.verify(created.plaintext) is None


async def test_an_end_in_another_time_zone_means_the_same_moment(tokens: Tokens) -> None:
    east = timezone(timedelta(hours=9))

    await tokens.create("ci", is_administrator=True, expires_at=datetime(2031, 1, 1, 9, 0, tzinfo=east))

    (record,) = await tokens.all()
    assert record.expires_at == datetime(2031, 1, 1, 0, 0, tzinfo=UTC)
    assert record.expires_at.tzinfo is UTC


@pytest.mark.parametrize("expires_at", [NOON, NOON - timedelta(days=1), NOON.replace(tzinfo=None)])
async def test_an_end_that_is_past_or_has_no_zone_is_refused(tokens: Tokens, expires_at: datetime) -> None:
    with pytest.raises(InvalidValue, match="The time of expiry"):
        await tokens.create("ci", is_administrator=True, expires_at=expires_at)

    assert await tokens.all() == ()


async def test_a_revoked_token_is_unknown_at_once(tokens: Tokens) -> None:
    created = await tokens.create("ci", is_administrator=True)

    revoked = await tokens.revoke("ci")

    assert revoked == replace(created.record, revoked_at=NOON)
    assert await tokens.verify(created.plaintext) is None
    assert await tokens.all() == (revoked,)


async def test_revoking_again_keeps_the_first_time(tokens: Tokens, clock: Clock) -> None:
    await tokens.create("ci", is_administrator=True)
    first = await tokens.revoke("ci")
    clock.advance(days=1)

    assert await tokens.revoke("ci") == first


async def test_revoking_one_token_leaves_the_others(tokens: Tokens) -> None:
    await tokens.create("a", is_administrator=True)
    other = await tokens.create("b", is_administrator=True)

    await tokens.revoke("a")

    assert await tokens.verify(other.plaintext) == other.record


@pytest.mark.parametrize("name", ["ci", "", "\0", "\ud800"])
async def test_an_unknown_token_cannot_be_revoked(tokens: Tokens, name: str) -> None:
    with pytest.raises(NotFound, match="No token is named") as refusal:
        await tokens.revoke(name)

    assert refusal.value.name == name


async def test_a_name_is_given_once_even_if_its_token_was_revoked(tokens: Tokens) -> None:
    await tokens.create("ci", is_administrator=True)
    await tokens.revoke("ci")

    with pytest.raises(NameTaken, match="A token named 'ci' exists or was revoked") as refusal:
        await tokens.create("ci", is_administrator=True)

    assert refusal.value.name == "ci"
    assert len(await tokens.all()) == 1


async def test_tokens_come_in_the_order_of_their_names(tokens: Tokens) -> None:
    for name in ("b", "a b", "B", "a"):
        await tokens.create(name, is_administrator=False)

    assert [record.name for record in await tokens.all()] == ["B", "a", "a b", "b"]


async def test_a_use_is_noted(tokens: Tokens, clock: Clock) -> None:
    created = await tokens.create("ci", is_administrator=True)
    used = clock.advance(hours=1)

    await tokens.verify(created.plaintext)
    await tokens.drain()

    assert [record.last_used_at for record in await tokens.all()] == [used]


async def test_a_use_within_a_minute_is_not_noted_again(tokens: Tokens, clock: Clock) -> None:
    created = await tokens.create("ci", is_administrator=True)
    seen = []

    for seconds in (0, 59, 1):
        clock.advance(seconds=seconds)
        await tokens.verify(created.plaintext)
        await tokens.drain()
        seen.append((await tokens.all())[0].last_used_at)

    assert seen == [NOON, NOON, NOON + timedelta(minutes=1)]


async def test_a_refused_use_is_not_noted(tokens: Tokens) -> None:
    created = await tokens.create("ci", is_administrator=True)
    await tokens.revoke("ci")

    await tokens.verify(created.plaintext)
    await tokens.drain()

    assert [record.last_used_at for record in await tokens.all()] == [None]


async def test_only_the_hash_is_stored(tokens: Tokens, database: Database) -> None:
    created = await tokens.create("ci", is_administrator=True)

    async with database.read() as session:
        connection = await session.connection()
        (row,) = (await connection.execute(text("SELECT * FROM api_token"))).all()

    assert created.plaintext[17:] not in repr(tuple(row))
    assert [len(value) for value in row if isinstance(value, bytes)] == [32]


async def test_repr_does_not_show_the_token(tokens: Tokens) -> None:
    created = await tokens.create("ci", is_administrator=True)

    assert created.plaintext[17:] not in repr(created)
