"""The cache of the namespaces that an identity may list: few values, for a few seconds."""

import asyncio

import pytest

from k8s.kinds.builtin import NODE, POD
from resolvers.fleet.listable import MAX_ENTRIES, ExpiringCache, Listable, ListRules, same_kinds
from tests.k8s.clock import Clock
from tests.k8s.wireserver import until


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_value_is_known_until_it_is_too_old(clock: Clock) -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(clock, ttl_s=10)
    cache.put("a", 1)
    clock.now_s += 9
    cache.put("b", 2)

    assert (cache.get("a"), cache.get("b")) == (1, 2)
    clock.now_s += 1
    assert (cache.get("a"), cache.get("b")) == (None, 2)


async def test_values_that_are_too_old_are_gone_though_nobody_asks() -> None:
    cache: ExpiringCache[int, bytes] = ExpiringCache(asyncio.get_running_loop().time, ttl_s=0.5)
    for number in range(10):
        cache.put(number, b"")

    assert len(cache) == 10
    await until(lambda: not len(cache))


async def test_what_is_noted_later_is_gone_later(clock: Clock) -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(clock, ttl_s=0.01)
    cache.put("a", 1)
    clock.now_s += 0.009
    cache.put("b", 2)
    clock.now_s += 0.005

    await until(lambda: len(cache) == 1)
    assert cache.get("b") == 2
    clock.now_s += 1
    await until(lambda: not len(cache))


async def test_of_too_many_the_oldest_go(clock: Clock) -> None:
    cache: ExpiringCache[int, int] = ExpiringCache(clock, most=3)
    for number in (1, 2, 3, 1, 4):
        cache.put(number, number)

    assert [cache.get(number) for number in (1, 2, 3, 4)] == [1, None, 3, 4]


async def test_there_are_never_more_than_a_bounded_number_of_namespaces(clock: Clock) -> None:
    listable = Listable(clock)
    for number in range(MAX_ENTRIES + 100):
        listable.rules.put(f"n-{number}", ListRules(frozenset(), is_complete=True))

    assert len(listable.rules) == MAX_ENTRIES


def test_equal_sets_of_kinds_are_kept_once() -> None:
    assert same_kinds(frozenset({POD, NODE})) is same_kinds(frozenset([NODE, POD]))
