"""Searches for patterns: within their limit, and beside the event loop if they take long."""

import asyncio
import re

import pytest

from k8s.turns.turns import WORKING_FOR
from resolvers.errors import LimitExceeded
from resolvers.filters.patterns import Pattern, SearchThread, compiled_pattern

SLOW = "(" + "|".join(f"[ab]{{{times}}}c" for times in range(1, 75)) + ")$"
"""A pattern with too many states for an automaton: RE2 simulates it, in 30 us for each character of `a` and `b`."""


def compiled(text: str, most_steps: int = 50_000_000) -> Pattern:
    return compiled_pattern(text, ignores_case=False, most_steps=most_steps, where="where: name MATCHES")


def test_a_search_is_bounded_by_instructions_times_characters() -> None:
    pattern = compiled(SLOW)
    characters = 50_000_000 // pattern.size + 1
    message = (
        f"where: name MATCHES: the pattern has a program of {pattern.size} instructions and a text {characters} "
        "characters; the limit of their product is 50000000 (FLEETGRAPH_MAX_PATTERN_STEPS). "
        "Use a shorter pattern, or compare less text."
    )

    assert pattern.size > 1000
    with pytest.raises(LimitExceeded, match=re.escape(message)):
        pattern.holds("a" * characters)


def test_a_short_search_is_made_at_once() -> None:
    assert compiled("^web-[0-9]+$").holds("web-12") is True
    assert compiled("^web-[0-9]+$").holds("db-12") is False
    assert compiled("^web-[0-9]+$").holds(12) is False


async def test_others_go_on_during_a_long_search() -> None:
    pattern, text = compiled(SLOW), "ab" * 4000
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    other = asyncio.create_task(others())
    found = await pattern.at_length(text)
    other.cancel()

    assert pattern.holds(text) is None
    assert not found
    assert turns > 100


async def test_callers_take_turns_at_long_searches() -> None:
    thread, order = SearchThread(), list[str]()

    async def search(caller: str) -> None:
        WORKING_FOR.set(caller)
        await thread.search(lambda _text: True, "")
        order.append(caller)

    await asyncio.gather(*(search("many") for _ in range(20)), search("other"))

    assert order.index("other") <= 3


async def test_who_goes_away_while_it_waits_keeps_nobody_from_searching() -> None:
    thread = SearchThread()
    searches = [asyncio.create_task(thread.search(lambda text: text == "x", "x")) for _ in range(4)]
    await asyncio.sleep(0)
    for search in searches[:3]:
        search.cancel()

    assert await asyncio.wait_for(searches[3], 10)


def test_a_text_that_is_no_unicode_matches_nothing() -> None:
    assert compiled(".").holds("\ud800") is False
