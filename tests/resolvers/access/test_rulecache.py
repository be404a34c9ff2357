"""The cache of rules: each rule once, charged, within the limit of one cluster."""

import pytest

from k8s.apiserver.rules import Rule, Rules
from k8s.errors import AnswerTooLarge
from resolvers.access.rulecache import MAX_BYTES, RuleCache
from resolvers.errors import LimitExceeded
from resolvers.limits import MIB, MemoryLimits
from resolvers.memory.budget import MemoryBudget


def _rules(*names: str, are_complete: bool = True) -> Rules:
    return Rules(tuple(Rule(("get",), ("",), ("pods",), (name,)) for name in names), are_complete)


async def test_a_rule_that_is_told_again_takes_no_memory_again() -> None:
    memory = MemoryBudget().share("a")
    cache = RuleCache("alpha", memory)
    first = await cache.add(_rules("web", "db"))
    once_bytes = memory.held_bytes
    for _ in range(99):
        again = await cache.add(_rules("web", "db", are_complete=False))

    assert (first, again) == (_rules("web", "db"), _rules("web", "db", are_complete=False))
    assert [one is other for one, other in zip(first.rules, again.rules, strict=True)] == [True, True]
    assert memory.held_bytes - once_bytes < 4 * once_bytes


async def test_different_rules_without_end_are_an_error_of_their_cluster() -> None:
    memory = MemoryBudget().share("a")
    cache = RuleCache("alpha", memory)

    async def hold_many() -> None:
        for number in range(100):
            await cache.add(_rules(*(f"{number}-{index:01000}" for index in range(1000))))

    with pytest.raises(AnswerTooLarge, match=r"have more than 16 MiB .* query\. Name fewer namespaces"):
        await hold_many()

    assert MAX_BYTES * 0.9 < memory.held_bytes <= MAX_BYTES


async def test_an_operation_that_may_hold_less_fails_before() -> None:
    limits = MemoryLimits(1000 * MIB, 1000 * MIB, MIB)
    cache = RuleCache("alpha", MemoryBudget(limits, settled_bytes=0).share("a"))

    with pytest.raises(LimitExceeded, match="the limit is 1 MiB"):
        await cache.add(_rules(*(f"{index:01000}" for index in range(2000))))
