"""Chance without chance: the waits of watches and lists are the same in every run."""

import random
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def chance(monkeypatch: pytest.MonkeyPatch) -> Iterator[random.Random]:
    """Draws all random numbers from one seed."""
    state = random.getstate()
    seeded = random.Random(16)  # noqa: S311  a fixed seed
    random.seed(16)
    monkeypatch.setattr(random.SystemRandom, "random", lambda _self: seeded.random())
    monkeypatch.setattr(random.SystemRandom, "getrandbits", lambda _self, bits: seeded.getrandbits(bits))
    yield seeded
    random.setstate(state)
