"""`where` in slices: the same rows as one row at a time, for any values of a row."""

import asyncio
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.execution.matching import Every, NotOne, OfMany, OfOne, Some, Truth
from graph.execution.pathvalues import PathValues, Step
from graph.planning.emitted import NULLED
from graph.planning.fieldpath import FieldPath
from resolvers.errors import LimitExceeded
from resolvers.filters.comparing import ValueType
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.conditions import (
    Comparison,
    Condition,
    ConditionGroup,
    Junction,
    Operator,
    Quantifier,
)
from resolvers.filters.expansion import Expansion, Walk
from resolvers.filters.operators import predicate, search
from tests.graph.loopturns import LoopTurns
from tests.graph.onerow import holds, reader

ONE, MANY = "one", "many.of.it"
STEPS: dict[str, tuple[Step, ...]] = {ONE: (itemgetter(0),), MANY: (itemgetter(1), itemgetter(0))}

numbers = st.none() | st.integers(0, 3) | st.just("text") | st.just(NULLED)
leaves = st.tuples(numbers | st.lists(st.none() | st.integers(0, 3), max_size=3)) | st.none() | st.just(NULLED)
inner = st.lists(leaves | st.lists(leaves, max_size=3), max_size=4) | leaves
listed = st.lists(inner, max_size=4) | st.none() | st.just(NULLED)
rows = st.lists(st.tuples(numbers, listed), max_size=6)


def _comparisons() -> st.SearchStrategy[Condition]:
    paths, quantifiers = st.sampled_from([ONE, MANY]), st.sampled_from(Quantifier)
    ordering = (Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE)
    ordered = st.builds(Comparison, paths, st.sampled_from(ordering), st.integers(0, 3), quantifiers)
    sets = st.sampled_from((Operator.IN, Operator.NOT_IN))
    chosen = st.builds(Comparison, paths, sets, st.lists(st.integers(0, 3), max_size=3), quantifiers)
    presence = st.builds(Comparison, paths, st.sampled_from((Operator.EXISTS, Operator.NOT_EXISTS)), st.none())
    return ordered | chosen | presence


conditions = st.recursive(
    _comparisons(),
    lambda members: st.builds(
        ConditionGroup, st.sampled_from(Junction), st.lists(members, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=6,
)


def path_values(path: str) -> PathValues:
    return PathValues(FieldPath(path, (), (), ValueType.NUMBER, path == MANY, has_links=path == MANY), STEPS[path])


def results(condition: Condition, found: list[Any], expansion: Expansion | None = None) -> list[bool | None]:
    async def work() -> list[bool | None]:
        return await truth(condition).of(found, Walk(expansion or Expansion(1_000_000)))

    return asyncio.run(work())


def column(values: PathValues, found: list[Any]) -> list[Any]:
    async def work() -> list[Any]:
        return await values.column(found, Walk(Expansion(1)))

    return asyncio.run(work())


def truth(condition: Condition) -> Truth:
    if isinstance(condition, Comparison):
        values, test = path_values(condition.path), predicate(condition, ValueType.NUMBER, ComparisonLimits())
        return OfMany(values, *search(condition, test)) if condition.path == MANY else OfOne(values, test)
    assert isinstance(condition, ConditionGroup)
    members = tuple(map(truth, condition.members))
    of: dict[Junction, Callable[[tuple[Truth, ...]], Truth]]
    of = {Junction.AND: Every, Junction.OR: Some, Junction.NOT: NotOne}
    return of[condition.junction](members)


@given(conditions, rows)
def test_the_rows_are_those_of_one_row_at_a_time(condition: Condition, found: list[Any]) -> None:
    assert results(condition, found) == [
        holds(condition, row, lambda path: (reader(STEPS[path]), path == MANY)) for row in found
    ]


@given(st.lists(inner, max_size=5))
def test_the_values_in_free_json_are_those_of_one_row_at_a_time(found: list[Any]) -> None:
    path = FieldPath("free", (), ("a", "b"), ValueType.ANY, is_many=False)
    steps = (itemgetter(0), lambda value: value[0] if isinstance(value, tuple) else None)
    wrapped: list[Any] = [(row,) for row in found]

    assert column(PathValues(path, steps), wrapped) == [reader(steps)(row) for row in wrapped]


def test_lists_inside_each_other_need_no_recursion() -> None:
    nested: Any = (1,)
    for _ in range(5000):
        nested = [nested]
    path = FieldPath("free", (), ("a", "b"), ValueType.ANY, is_many=False)

    assert column(PathValues(path, (itemgetter(0), itemgetter(0))), [(nested,)]) == [[1]]


def test_one_row_that_leads_to_very_many_values_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)
    row = (1, [(2,)] * 5000)
    turns = LoopTurns()

    async def work() -> None:
        assert await truth(Comparison(MANY, Operator.EQ, 1)).of([row], Walk(Expansion(1_000_000))) == [False]

    turns.run(work())

    assert turns.most_lines < 500, turns.where


def test_values_behind_links_are_counted_and_no_more_are_read_than_may_be() -> None:
    read = 0

    def leaf(value: Any) -> Any:
        nonlocal read
        read += 1
        return value

    path = FieldPath(MANY, (), (), ValueType.NUMBER, is_many=True, has_links=True)
    test = predicate(Comparison(MANY, Operator.EQ, 1), ValueType.NUMBER, ComparisonLimits())
    values = OfMany(PathValues(path, (itemgetter(0), leaf)), *search(Comparison(MANY, Operator.EQ, 1), test))

    async def work() -> None:
        await values.of([([2] * 1000,)] * 1000, Walk(Expansion(5000)))

    with pytest.raises(LimitExceeded, match="lead to more than 5000 values through links"):
        asyncio.run(work())

    assert 5000 <= read < 10_000


async def test_a_search_ends_at_the_first_value_that_it_finds() -> None:
    expansion = Expansion(1_000_000)
    row = (1, [(3,), *[(2,)] * 10_000])

    assert await truth(Comparison(MANY, Operator.EQ, 3)).of([row], Walk(expansion)) == [True]
    assert expansion.values < 10


async def test_values_of_the_object_itself_are_not_counted() -> None:
    expansion = Expansion(10)
    path = FieldPath(MANY, (), (), ValueType.NUMBER, is_many=True)

    found = await PathValues(path, STEPS[MANY]).column([(1, [(2,)] * 100)], Walk(expansion))

    assert found == [[2] * 100]
    assert expansion.values == 0


async def test_what_is_decided_is_not_looked_at_again() -> None:
    expansion = Expansion(1_000_000)
    never = Comparison(ONE, Operator.EQ, 9)
    costly = Comparison(MANY, Operator.EQ, 9)

    found = await truth(ConditionGroup(Junction.AND, (never, costly))).of([(1, [(2,)] * 100)] * 100, Walk(expansion))

    assert found == [False] * 100
    assert expansion.values == 0
