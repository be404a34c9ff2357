"""Reduction of lists during reading: the answers are the same as without it."""

from typing import Any

import pytest

from graph.engine import Engine
from graph.execution import linkedkinds, rootlookups
from graph.execution.reduction import Reduction
from k8s.kinds.builtin import NODE, POD
from k8s.transport.sender import Sender
from resolvers.operation import sharedlists
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

FILTERED = 'pods(where: [{path: "restarts", op: GE, value: 1}])'
GROUPED = 'groups(by: ["spec.nodeName", "cluster.name"]) { key count max(path: "restarts") least: min(path: "name") }'
LINKED = 'groups(by: ["node.ready"]) { key count }'
AVERAGE = 'other: groups(by: ["cluster.name"]) { count avg(path: "restarts") }'
FEW = 'where: [{path: "restarts", op: LT, value: 2}]'
LISTS = [
    f"{{ {FILTERED} {{ totalCount }} }}",
    f"{{ {FILTERED} {{ totalCount clusters {{ status }} nodes {{ name restarts node {{ ready }} }} }} }}",
    f"{{ {FILTERED} {{ {GROUPED} }} }}",
    f"{{ {FILTERED} {{ totalCount {GROUPED} {AVERAGE} __typename }} }}",
    f"{{ {FILTERED} {{ {GROUPED} nodes {{ name }} }} }}",
    f'{{ {FILTERED} {{ groups(by: ["namespace"]) {{ key nodes(first: 1) {{ name restarts }} }} }} }}',
    f"{{ {FILTERED} {{ {LINKED} }} }}",
    f"{{ pods {{ {GROUPED} {LINKED.replace('groups', 'linked: groups')} }} }}",
    f"{{ pods(first: 1) {{ {GROUPED} }} }}",
    '{ pods(where: [{path: "name", op: EXISTS}], orderBy: [{path: "restarts", direction: DESC}]) { nodes { name } } }',
    f'{{ pods({FEW}, orderBy: [{{path: "name"}}]) {{ groups(by: ["namespace"]) {{ key }} }} }}',
    '{ pods(where: [{path: "node.ready", op: EQ, value: true}]) { totalCount } }',
    '{ pods(where: [{path: "name", op: EQ, value: "none"}]) { totalCount groups(by: ["namespace"]) { key } } }',
]


@pytest.fixture(autouse=True)
def much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets more than one object count as many."""
    monkeypatch.setattr(sharedlists, "_MUCH", 1)


@pytest.fixture
def reduced(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Records, for each page of each reduced list, whether values were stored instead of objects."""
    found: list[bool] = []
    reduce = Reduction.reduce

    async def noted(self: Reduction, *arguments: Any) -> Any:
        found.append(self.gives_values)
        return await reduce(self, *arguments)

    monkeypatch.setattr(Reduction, "reduce", noted)
    return found


def senders() -> list[Sender]:
    return [ObjectsSender("one", MadeObjects(3)), ObjectsSender("two", MadeObjects(4), broken=[NODE])]


@pytest.mark.parametrize("query", LISTS)
async def test_answers_are_the_same_as_of_whole_objects(
    engine: Engine, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = await Asking(engine, fleet_of(senders()))(query)
    monkeypatch.setattr(rootlookups, "reduction_of", lambda *_: None)
    whole = await Asking(engine, fleet_of(senders()))(query)

    found: Any = ours.to_builtins()
    assert found == whole.to_builtins()
    assert found["data"]["pods"] is not None


@pytest.mark.parametrize(
    ("query", "gives_values"),
    [(LISTS[0], {True}), (LISTS[2], {True}), (LISTS[3], {True}), (LISTS[8], {True})]
    + [(LISTS[4], {False}), (LISTS[5], {False}), (LISTS[9], {False}), (LISTS[10], {False})]
    + [(query, set()) for query in (LISTS[1], LISTS[6], LISTS[7], LISTS[11])]
    + [(f"{{ pods {{ {selected} }} }}", set()) for selected in ("nodes { name }", "totalCount")],
)
async def test_no_more_is_left_than_is_sent(
    engine: Engine, reduced: list[bool], query: str, gives_values: set[bool]
) -> None:
    await Asking(engine, fleet_of(senders()))(query)

    assert set(reduced) == gives_values


@pytest.mark.parametrize("query", [LISTS[0], LISTS[3], LISTS[4], LISTS[10]])
@pytest.mark.parametrize("objects", range(2, 12))
async def test_what_was_read_before_it_was_much_counts_as_the_rest(
    engine: Engine, query: str, objects: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharedlists, "_MUCH", objects)
    ours = await Asking(engine, fleet_of(senders()))(query)
    monkeypatch.setattr(rootlookups, "reduction_of", lambda *_: None)
    whole = await Asking(engine, fleet_of(senders()))(query)

    assert ours.to_builtins() == whole.to_builtins()


@pytest.mark.usefixtures("in_step")
async def test_fields_with_equal_requests_share_them_however_they_reduce_them(engine: Engine) -> None:
    asked = [ObjectsSender("one", MadeObjects(3))]
    query = f"""{{
      a: {FILTERED} {{ totalCount }} b: pods(where: [{{path: "restarts", op: GE, value: 2}}]) {{ totalCount }}
      c: pods(orderBy: [{{path: "restarts"}}]) {{ nodes {{ restarts }} }}
    }}"""

    answer = await Asking(engine, fleet_of(asked))(query)

    found: Any = answer.to_builtins()["data"]
    restarts = [node["restarts"] for node in found["c"]["nodes"]]
    assert found["a"]["totalCount"] == sum(restart >= 1 for restart in restarts) > 0
    assert found["b"]["totalCount"] == sum(restart >= 2 for restart in restarts)
    assert [call.path for call in asked[0].calls] == ["/api/v1/pods"]


OBJECTS = [
    'objects(resource: "pods", where: [{path: "restarts", op: GE, value: 1}]) { totalCount }',
    f'objects(resource: "pods") {{ totalCount {GROUPED} }}',
    f'objects(resource: "pods", where: [{{path: "restarts", op: GE, value: 1}}]) {{ {GROUPED} {AVERAGE} __typename }}',
    'objects(kind: "Pod", where: [{path: "name", op: EXISTS}], orderBy: [{path: "restarts"}], first: 3) '
    "{ totalCount nodes { name } pageInfo { hasNextPage endCursor } clusters { status } }",
    f'objects(kind: "Pod", {FEW}) {{ groups(by: ["namespace"]) {{ key nodes(first: 1) {{ name }} }} }}',
]


@pytest.mark.parametrize(
    ("query", "gives_values"),
    [
        (f"{{ clusters {{ name {selected} }} }}", gives_values)
        for selected, gives_values in zip(OBJECTS, [True, True, True, False, False], strict=True)
    ],
)
async def test_each_clusters_own_list_of_any_kind_is_reduced_likewise(
    engine: Engine, reduced: list[bool], query: str, gives_values: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = await Asking(engine, fleet_of([*senders(), ObjectsSender("three", MadeObjects(5), broken=[POD])]))(query)
    assert set(reduced) == {gives_values}
    monkeypatch.setattr(linkedkinds, "reduction_of", lambda *_: None)
    whole = await Asking(engine, fleet_of([*senders(), ObjectsSender("three", MadeObjects(5), broken=[POD])]))(query)

    found: Any = ours.to_builtins()
    assert found == whole.to_builtins()
    assert all(cluster["objects"] is not None for cluster in found["data"]["clusters"])
    assert [error["extensions"]["cluster"] for error in found["errors"]] == ["three"]
