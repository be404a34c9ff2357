"""Freeing of large lists in slices, as soon as their objects have no other user."""

import asyncio
from collections.abc import Callable

import pytest

from k8s.turns import freeing
from tests.k8s.freed import freed


class Thing:
    """An object that reports when it is freed."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def __del__(self) -> None:
        """Reports it."""
        self._tell()


class Things:
    """A factory that counts the freed objects."""

    gone = 0

    def some(self, count: int) -> list[Thing]:
        """Returns a number of objects."""
        return [Thing(self._is_gone) for _ in range(count)]

    def _is_gone(self) -> None:
        self.gone += 1


async def test_a_few_in_each_turn_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freeing, "SLICE_S", 0)
    things, gone = Things(), [0]
    freeing.free(things.some(20))
    freeing.free(things.some(20))
    assert things.gone == 0

    for _ in iter(freeing.is_under_way, False):
        await asyncio.sleep(0)
        gone.append(things.gone)

    assert gone == list(range(0, 41, 4))


async def test_many_in_one_turn_while_they_are_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freeing, "SLICE_S", 60)
    things = Things()
    freeing.free(things.some(40))

    await asyncio.sleep(0)

    assert things.gone > 4


async def test_what_others_still_hold_stays() -> None:
    things = Things()
    objects = things.some(10)
    freeing.free([*objects])

    await freed()

    assert things.gone == 0
    assert len(objects) == 10


def test_at_once_without_a_loop() -> None:
    things = Things()
    some = things.some(10)

    freeing.free(some)

    assert (some, things.gone) == ([], 10)


async def test_what_is_added_meanwhile_is_freed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freeing, "SLICE_S", 0)
    things = Things()
    freeing.free(things.some(10))
    await asyncio.sleep(0)
    freeing.free(things.some(10))
    await freed()
    freeing.free(things.some(10))
    await freed()

    assert things.gone == 30
