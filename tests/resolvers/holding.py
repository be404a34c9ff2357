"""Comparisons of one value, or of the values of one list, as in `where`."""

import asyncio
from collections.abc import Callable
from typing import Any

from graph.execution.matching import OfMany, OfOne, Truth
from graph.execution.pathvalues import PathValues
from graph.planning.fieldpath import FieldPath
from resolvers.filters.comparing import ValueType
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.conditions import Comparison
from resolvers.filters.expansion import Expansion, Walk
from resolvers.filters.operators import predicate, search


def compiled(comparison: Comparison, value_type: ValueType, *, is_many: bool) -> Callable[[Any], bool]:
    """Returns whether a comparison holds of a value, or of a list of values."""
    path = FieldPath(comparison.path, (), (), value_type, is_many)
    test, values = predicate(comparison, value_type, ComparisonLimits()), PathValues(path, ())
    truth: Truth = OfMany(values, *search(comparison, test)) if is_many else OfOne(values, test)

    async def result(value: Any) -> bool:
        (found,) = await truth.of([value], Walk(Expansion(1_000_000)))
        assert found is not None
        return found

    def holds(value: Any) -> bool:
        return asyncio.run(result(value))

    return holds
