"""The memory of operations: charged during reading, and freed at the end."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from graph.answer import Answer
from graph.engine import Engine
from graph.incremental.delivery import Delivery
from graph.incremental.payloads import PayloadFormat
from graph.request import GraphqlRequest
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from resolvers.caller import OPERATOR
from resolvers.limits import MIB, MemoryLimits
from resolvers.memory.budget import MemoryBudget
from resolvers.operation.operation import Operation
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import CURSOR_KEY, LATE, fleet_of
from tests.graph.senders import Objects, ObjectsSender
from tests.k8s.wireserver import until

LARGE = "{ pods { nodes { name metadata { annotations } } } }"


def _pods(kind: Kind) -> list[JsonObject]:
    """Returns 1,200 pods with two KB of annotations each."""
    if kind != POD:
        return []
    return [
        {"kind": "Pod", "metadata": {"name": f"pod-{number:04}", "namespace": "x", "annotations": {"a": "x" * 2000}}}
        for number in range(1200)
    ]


def _sized(count: int, size_bytes: int) -> Objects:
    """Returns pods with annotations of so many bytes."""

    def objects(kind: Kind) -> list[JsonObject]:
        return [
            {"metadata": {"name": f"p-{number:04}", "namespace": "x", "annotations": {"a": "x" * size_bytes}}}
            for number in range(count if kind == POD else 0)
        ]

    return objects


def _operation(budget: MemoryBudget) -> Operation:
    fleet = fleet_of([ObjectsSender("one", _pods)])
    return Operation(fleet, caller=OPERATOR, cursor_key=CURSOR_KEY, memory=budget.share(OPERATOR.name))


async def _ask(engine: Engine, budget: MemoryBudget, query: str) -> Any:
    return (await engine.execute(GraphqlRequest(query), _operation(budget))).to_builtins()


@pytest.fixture
def charged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Records the maximum of held memory, at the end of the list."""
    most, add = [0], MemoryBudget.add

    def noting(self: MemoryBudget, caller: str, size_bytes: int) -> None:
        add(self, caller, size_bytes)
        most.append(max(most[-1], self.held_bytes))

    monkeypatch.setattr(MemoryBudget, "add", noting)
    return most


async def test_what_is_read_is_charged_and_let_go_of(engine: Engine, charged: list[int]) -> None:
    budget = MemoryBudget()

    await _ask(engine, budget, LARGE)

    assert 1200 * 2000 < charged[-1] < 8 * MIB
    assert budget.held_bytes == 0


async def test_lists_of_which_only_numbers_are_kept_hold_little(
    engine: Engine, charged: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.operation.sharedlists._MUCH", 100)
    monkeypatch.setattr("resolvers.operation.sharedreading._AHEAD_BYTES", 0)

    await _ask(engine, MemoryBudget(), '{ pods { groups(by: ["metadata.annotations"]) { count } } }')
    await _ask(engine, MemoryBudget(), '{ pods(where: [{path: "name", op: EQ, value: "x"}]) { nodes { name } } }')

    assert charged[-1] < 1200 * 2500


async def test_more_than_one_operation_may_hold_is_refused_and_lets_go(engine: Engine) -> None:
    budget = MemoryBudget(MemoryLimits(operation_bytes=2 * MIB))

    answer = await _ask(engine, budget, f"{{ small: clusters {{ name }} {LARGE[1:]}")

    (error,) = answer["errors"]
    assert answer["data"] == {"small": [{"name": "one"}], "pods": None}
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "the limit is 2 MiB (FLEETGRAPH_MAX_OPERATION_MEMORY_BYTES)" in error["message"]
    assert budget.held_bytes == 0


@pytest.mark.usefixtures("in_step")
@pytest.mark.parametrize("hostile", ["a", "c"])
@pytest.mark.parametrize("bytes_each", [800, 2000, 20_000])
async def test_a_cluster_with_large_rows_costs_its_own(engine: Engine, hostile: str, bytes_each: int) -> None:
    budget = MemoryBudget(MemoryLimits(operation_bytes=3 * MIB))
    senders = [
        ObjectsSender(name, _sized(1500 if name == hostile else 100, bytes_each if name == hostile else 1000))
        for name in "abc"
    ]
    operation = Operation(fleet_of(senders), caller=OPERATOR, cursor_key=CURSOR_KEY, memory=budget.share(OPERATOR.name))

    answer = (
        await engine.execute(
            GraphqlRequest("{ pods { nodes { cluster { name } metadata { annotations } } } }"), operation
        )
    ).to_builtins()

    found = {node["cluster"]["name"] for node in answer["data"]["pods"]["nodes"]}
    assert (found, len(answer["data"]["pods"]["nodes"])) == ({*"abc"} - {hostile}, 200)
    assert [error["extensions"] for error in answer["errors"]] == [
        {"code": "LIMIT_EXCEEDED", "retryable": False, "cluster": hostile, "reason": "TooMuchMemory"}
    ]
    assert budget.held_bytes == 0


@pytest.mark.usefixtures("in_step")
async def test_clusters_with_about_as_much_are_refused_together(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8s.reading.listing.FIRST_OBJECTS", 500)  # both have begun before much is held
    budget = MemoryBudget(MemoryLimits(operation_bytes=3 * MIB))
    senders = [ObjectsSender(name, _sized(1200, 1000)) for name in "ab"]
    operation = Operation(fleet_of(senders), caller=OPERATOR, cursor_key=CURSOR_KEY, memory=budget.share(OPERATOR.name))

    answer = (await engine.execute(GraphqlRequest(LARGE), operation)).to_builtins()

    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "retryable": False}


async def test_an_answer_too_large_to_be_encoded_is_refused(engine: Engine) -> None:
    budget = MemoryBudget(MemoryLimits(operation_bytes=3 * MIB))

    answer = await _ask(engine, budget, LARGE)

    (error,) = answer["errors"]
    assert (answer["data"], error["extensions"]["code"]) == (None, "LIMIT_EXCEEDED")
    assert budget.held_bytes == 0


async def test_operations_wait_for_memory_and_go_on(engine: Engine) -> None:
    budget = MemoryBudget(MemoryLimits(caller_bytes=3 * MIB))
    other = budget.share(OPERATOR.name)
    other.charge(4 * MIB)
    await other.room()
    asked = asyncio.create_task(_ask(engine, budget, LARGE))
    await until(lambda: budget.waiting == 1)
    assert not asked.done()

    other.close()
    answer = await asked

    assert "errors" not in answer
    assert len(answer["data"]["pods"]["nodes"]) == 1200


@pytest.mark.parametrize("most", [1, 1000])
async def test_payloads_hold_memory_until_the_last(engine: Engine, most: int) -> None:
    budget = MemoryBudget()
    query = "{ pods { nodes { name ... @defer { cluster { name } } } } }"

    answer = await engine.deliver(GraphqlRequest(query), _operation(budget))

    assert isinstance(answer, Delivery)
    assert budget.held_bytes > 0
    await _taken(answer, most)
    assert budget.held_bytes == 0


async def _taken(answer: Answer | Delivery, most: int) -> None:
    assert isinstance(answer, Delivery)
    payloads: AsyncGenerator[object, None] = answer.payloads(until_s=asyncio.get_running_loop().time() + 30, late=LATE)
    async with aclosing(payloads):
        async for _ in payloads:
            most -= 1
            if not most:
                return


@pytest.mark.parametrize("written_in", PayloadFormat)
async def test_a_first_payload_that_is_too_large_is_an_answer_without_data(
    engine: Engine, written_in: PayloadFormat
) -> None:
    budget = MemoryBudget(MemoryLimits(operation_bytes=4 * MIB))
    answer = await engine.deliver(
        GraphqlRequest("{ pods { nodes { name metadata { annotations } ... @defer { cluster { name } } } } }"),
        _operation(budget),
    )
    assert isinstance(answer, Delivery)
    error = {"message": "too large", "extensions": {"code": "LIMIT_EXCEEDED"}}

    (last,) = [json.loads(item.to_json(written_in)) async for item in answer.instead_of(answer.first, error)]
    await answer.aclose()

    assert last == {"data": None, "errors": [error], "hasNext": False}
    assert budget.held_bytes == 0


async def test_only_what_was_announced_ends_with_a_later_payload_that_is_too_large(engine: Engine) -> None:
    answer = await engine.deliver(
        GraphqlRequest(
            "{ clusters { name } ... @defer { pods(first: 1) { nodes { name ... @defer { phase: kind } } } } }"
        ),
        _operation(MemoryBudget()),
    )
    assert isinstance(answer, Delivery)
    payloads = answer.payloads(until_s=asyncio.get_running_loop().time() + 60, late=LATE)
    first = await anext(payloads)
    later = await anext(payloads)
    announced = {announcement.id for announcement in first.pending}
    assert later.pending

    (last,) = [item async for item in answer.instead_of(later, LATE)]
    await payloads.aclose()

    assert {completion.of.id for completion in last.completed} == announced


@pytest.mark.parametrize(
    "query",
    [
        "{ pods { nodes { name %s } } }",
        "{ clusters { name } ... @defer { pods { nodes { name %s } } } }",
    ],
)
async def test_what_is_announced_is_held(engine: Engine, query: str) -> None:
    labels = " ".join(f'... @defer(label: "{index}") {{ kind }}' for index in range(40))
    budget = MemoryBudget(MemoryLimits(operation_bytes=8 * MIB))  # for 48,000 announcements

    answer = await engine.deliver(GraphqlRequest(query % labels), _operation(budget))
    if isinstance(answer, Answer):
        found = answer.errors
    else:
        payloads = answer.payloads(until_s=asyncio.get_running_loop().time() + 60, late=LATE)
        found = [error async for payload in payloads for error in payload.errors]

    assert [error["extensions"] for error in found] == [{"code": "LIMIT_EXCEEDED", "retryable": False}]
    assert budget.held_bytes == 0
