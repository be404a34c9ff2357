"""The cache of plans: documents are planned once, and all inputs of a plan are part of its key."""

import pytest

from graph.engine import Engine
from graph.planning.planner import Planner
from resolvers.limits import OperationLimits
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

QUERY = """query Of($name: String!, $with: Boolean = true) {
  node(cluster: "one", name: $name) { name labels: metadata @include(if: $with) { labels } ready @skip(if: $with) }
}"""


@pytest.fixture
def asking(engine: Engine) -> Asking:
    return Asking(engine, fleet_of([ObjectsSender("one", MadeObjects(1))]))


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    original = Planner.rows_level

    def noted(self: Planner, name: str, *given: object) -> object:
        names.append(name)
        return original(self, name, *given)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(Planner, "rows_level", noted)
    return names


async def test_the_second_request_is_not_planned(asking: Asking, planned: list[str]) -> None:
    first = await asking(QUERY.replace("Of", "Second"), {"name": "m-1"})
    assert planned

    planned.clear()
    second = await asking(QUERY.replace("Of", "Second"), {"name": "m-1"})

    assert planned == []
    assert first.to_json() == second.to_json()
    assert first.errors == []


async def test_variables_of_directives_have_plans_of_their_own(asking: Asking) -> None:
    for is_with in (True, False, True):
        answer = await asking(QUERY, {"name": "m-1", "with": is_with})
        ordinary = await asking.ordinary(QUERY, {"name": "m-1", "with": is_with})

        assert answer.to_json() == ordinary.to_json()


async def test_a_link_is_planned_each_time(asking: Asking, planned: list[str]) -> None:
    query = 'query Links { node(cluster: "one", name: "m-1") { name pods(first: 1) { nodes { name } } } }'
    await asking(query)
    planned.clear()

    await asking(query)

    assert planned


async def test_a_plan_does_not_lift_a_limit(asking: Asking) -> None:
    assert (await asking(QUERY, {"name": "m-1"})).errors == []

    refused = await asking(QUERY, {"name": "m-1"}, limits=OperationLimits(depth=1))

    assert refused.to_builtins()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
