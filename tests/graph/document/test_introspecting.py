"""Introspection: the answers of graphql-core, in slices, and within a limit."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLSchema, get_introspection_query, parse
from graphql.execution import experimental_execute_incrementally

from graph.engine import Engine
from resolvers.limits import OperationLimits
from tests.graph.fleets import Asking, fleet_of
from tests.graph.loopturns import LoopTurns

QUERY = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
TYPES = "__schema { types { name fields { name args { name type { name ofType { name } } } type { name } } } }"
Ask = Callable[..., Asking]


async def test_the_answer_is_that_of_graphql_core(ask: Ask, schema: GraphQLSchema) -> None:
    answer = json.loads((await ask()(QUERY)).to_json())

    expected = experimental_execute_incrementally(schema, parse(QUERY))
    assert not answer.get("errors")
    assert isinstance(expected, ExecutionResult)
    assert expected.data is not None
    assert _by_name(answer["data"]) == _by_name(expected.data)


async def test_long_questions_are_refused_with_the_figure(ask: Ask) -> None:
    limits = OperationLimits(introspected_fields=30_000)

    answer = await ask()("{" + " ".join(f"a{number}: {TYPES}" for number in range(20)) + "}", limits=limits)

    assert answer.data is None
    assert {error["message"] for error in answer.errors} == {
        "The answer has more than 30000 fields of the schema's own types (FLEETGRAPH_MAX_INTROSPECTED_FIELDS). "
        "Ask for fewer of them at once."
    }
    assert _code(answer.errors[0]) == "LIMIT_EXCEEDED"


async def test_the_limit_counts_every_way_to_ask(ask: Ask) -> None:
    limits = OperationLimits(introspected_fields=1000)
    kind = '__type(name: "Pod") { fields { name type { name } } }'

    for question in (f"{{ ...F @include(if: true) }} fragment F on Query {{ {TYPES} }}", "{ _service { sdl } }"):
        assert (await ask()(question, limits=limits)).errors
    assert not (await ask()(f"{{ {kind} }}", limits=limits)).errors
    assert (await ask()("{" + " ".join(f"a{number}: {kind}" for number in range(20)) + "}", limits=limits)).errors


@pytest.mark.slow
def test_it_is_answered_in_slices(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)

    async def answer() -> None:
        await Asking(engine, fleet_of([]))(f"{{ {TYPES} }}")

    asyncio.run(answer())  # the document is read once
    turns = LoopTurns()
    turns.run(answer())

    assert turns.most_lines < 10_000, turns.where


def _by_name(data: Mapping[str, Any]) -> Any:
    """Returns the answer without the order of types and directives, which means nothing."""
    types = sorted(data["__schema"]["types"], key=_name)
    for item in types:
        if item["possibleTypes"]:
            item["possibleTypes"].sort(key=_name)
    return {**data["__schema"], "types": types, "directives": sorted(data["__schema"]["directives"], key=_name)}


def _name(item: Mapping[str, Any]) -> str:
    return str(item["name"])


def _code(error: Mapping[str, Any]) -> str:
    return str(error["extensions"]["code"])
