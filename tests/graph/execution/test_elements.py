"""Conditions on elements of lists (`some`, `every`, `none`) and picked ones, as recursion over the JSON has them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import eq, itemgetter, ne
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.engine import Engine
from graph.execution.matching import OfElements, OfOne
from graph.execution.pathvalues import PathValues
from graph.planning.fieldpath import FieldPath
from k8s.kinds.builtin import NODE, POD
from k8s.kinds.kind import Kind
from resolvers.filters.comparing import ValueType
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.filters.conditions import Comparison, ElementQuantifier, Operator
from resolvers.filters.expansion import Expansion, Walk
from resolvers.filters.operators import predicate
from resolvers.limits import OperationLimits
from tests.graph.fleets import Asking, fleet_of
from tests.graph.loopturns import LoopTurns
from tests.graph.senders import ObjectsSender

Json = Mapping[str, Any]
TEXTS, NUMBERS = ("a", "b"), (80, 81)
VALUES: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "Node": {"name": ("n-0", "n-1"), "spec.unschedulable": (True,)},
    "Pod": {"status.phase": TEXTS, "spec.containers[name=a].image": TEXTS, "spec.containers[name=b].image": TEXTS},
    "Container": {"name": TEXTS, "image": TEXTS},
    "Port": {"containerPort": NUMBERS, "protocol": TEXTS},
    "Condition": {"type": TEXTS, "status": TEXTS},
    "Text": {".": TEXTS},
}
LISTS: Mapping[str, Mapping[str, str]] = {
    "Node": {"pods": "Pod", "pods.spec.containers": "Container", "status.conditions": "Condition"},
    "Pod": {
        "spec.containers": "Container",
        "spec.containers.ports": "Port",
        "spec.containers[name=a].ports": "Port",
        "spec.containers.args": "Text",
        "status.conditions": "Condition",
    },
    "Container": {"ports": "Port", "args": "Text"},
}
PAIRS = {"Container": ("name", "image"), "Condition": ("type", "status")}
"""Paths that are compared with each other."""


def maybe(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([*values, None])


def listed(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(items, max_size=3) | st.none()


ports = st.fixed_dictionaries({"containerPort": maybe(NUMBERS), "protocol": maybe(TEXTS)})
containers = st.fixed_dictionaries(
    {"name": maybe(TEXTS), "image": maybe(TEXTS), "ports": listed(ports), "args": listed(st.sampled_from(TEXTS))}
)
of_status = st.fixed_dictionaries({"type": maybe(TEXTS), "status": maybe(TEXTS)})
pods = st.fixed_dictionaries(
    {
        "spec": st.fixed_dictionaries({"nodeName": st.sampled_from(("n-0", "n-1")), "containers": listed(containers)}),
        "status": st.fixed_dictionaries({"phase": maybe(TEXTS), "conditions": listed(of_status)}),
    }
)
fleets = st.lists(pods, max_size=4)


def conditions(owner: str, depth: int = 3) -> st.SearchStrategy[Json]:
    """Returns conditions on a type; inside `some`, `every` and `none` those on the elements."""
    paths = VALUES[owner]
    compared = st.sampled_from(sorted(paths)).flatmap(
        lambda path: st.fixed_dictionaries(
            {"path": st.just(path), "op": st.sampled_from(("EQ", "NE")), "value": st.sampled_from(paths[path])}
        )
    )
    present = st.fixed_dictionaries(
        {"path": st.sampled_from(sorted(paths)), "op": st.sampled_from(("EXISTS", "NOT_EXISTS"))}
    )
    kinds = [compared, present]
    if owner in PAIRS:
        path, other = PAIRS[owner]
        pair = {"path": st.just(path), "op": st.sampled_from(("EQ", "NE")), "valuePath": st.just(other)}
        kinds.append(st.fixed_dictionaries(pair))
    if not depth:
        return st.one_of(kinds)
    several = st.deferred(lambda: st.lists(conditions(owner, depth - 1), min_size=1, max_size=2))
    kinds += [st.fixed_dictionaries({junction: several}) for junction in ("and", "or", "not")]
    for path, element in LISTS.get(owner, {}).items():
        members = st.lists(conditions(element, depth - 1), min_size=1, max_size=2)
        kinds += [
            st.fixed_dictionaries({"path": st.just(path), quantifier: members})
            for quantifier in ("some", "every", "none")
        ]
    return st.one_of(kinds)


def holds(condition: Json, row: Any) -> bool:
    """Returns True if a condition holds of an object or an element."""
    for junction, of in JUNCTIONS.items():
        if junction in condition:
            return of([holds(member, row) for member in condition[junction]])
    for quantifier, of in QUANTIFIERS.items():
        if quantifier in condition:
            elements = reached(row, condition["path"])
            return of([all(holds(member, element) for member in condition[quantifier]) for element in elements])
    (value,) = list(reached(row, condition["path"])) or [None]
    op = condition.get("op", "EQ")
    if op in {"EXISTS", "NOT_EXISTS"}:
        return (value is not None) is (op == "EXISTS")
    (other,) = (
        list(reached(row, condition["valuePath"])) or [None] if "valuePath" in condition else [condition["value"]]
    )
    if value is None or other is None:
        return bool(op == "NE")
    return bool((eq if op == "EQ" else ne)(value, other))


JUNCTIONS: Mapping[str, Callable[[list[bool]], bool]] = {"and": all, "or": any, "not": lambda held: not any(held)}
QUANTIFIERS: Mapping[str, Callable[[list[bool]], bool]] = {
    "some": any,
    "every": all,
    "none": lambda held: not any(held),
}


def reached(row: Any, path: str) -> Iterator[Any]:
    """Yields all values at a path that are not null."""
    if row is None:
        return
    if path in {"", "."}:
        yield row
        return
    name, _, rest = path.partition(".")
    name, _, pick = name.partition("[")
    if name == "name" and "metadata" in row:
        row = row["metadata"]
    value = row.get(name)
    if pick:
        key, _, wanted = pick.removesuffix("]").partition("=")
        value = next((item for item in value or () if item.get(key) == wanted), None)
    for item in value if isinstance(value, list) else [value]:
        yield from reached(item, rest)


def nodes_of(found: Sequence[Json]) -> list[dict[str, Any]]:
    """Returns two nodes, with their pods and conditions for the oracle."""
    nodes: list[dict[str, Any]] = [{"metadata": {"name": name}, "spec": {}, "status": {}} for name in ("n-0", "n-1")]
    for node in nodes:
        own = [pod for pod in found if pod["spec"]["nodeName"] == node["metadata"]["name"]]
        node["pods"], node["status"] = own, {"conditions": own[0]["status"]["conditions"] if own else None}
    return nodes


@pytest.fixture(scope="module")
def asking(engine: Engine) -> Callable[[Sequence[Json]], Asking]:
    """Returns a function that asks a fleet of one cluster with these pods."""

    def of(found: Sequence[Json]) -> Asking:
        def objects(kind: Kind) -> Sequence[Any]:
            if kind == NODE:
                return [{key: value for key, value in node.items() if key != "pods"} for node in nodes_of(found)]
            return found if kind == POD else []

        return Asking(engine, fleet_of([ObjectsSender("one", objects)]))

    return of


@pytest.mark.slow
@given(fleets, conditions("Pod"), conditions("Node"))
async def test_nested_conditions_hold_as_recursion_says(
    asking: Callable[[Sequence[Json]], Asking], found: list[dict[str, Any]], of_pods: Json, of_nodes: Json
) -> None:
    for number, pod in enumerate(found):
        pod["metadata"] = {"namespace": "a", "name": f"p-{number}", "uid": f"u-{number}"}
    query = """query Q($pods: [WhereInput!], $nodes: [WhereInput!]) {
      pods(where: $pods) { nodes { name } } nodes(where: $nodes) { nodes { name } } }"""

    answer = await asking(found)(query, {"pods": [of_pods], "nodes": [of_nodes]})

    assert answer.errors == []
    data = json.loads(answer.to_json())["data"]
    for name, condition, rows in (("pods", of_pods, found), ("nodes", of_nodes, nodes_of(found))):
        expected = [row["metadata"]["name"] for row in rows if holds(condition, row)]
        assert [row["name"] for row in data[name]["nodes"]] == expected, condition


def pod(name: str, *found: Json) -> dict[str, Any]:
    metadata = {"namespace": "a", "name": name, "uid": name}
    return {"metadata": metadata, "spec": {"nodeName": "n-0", "containers": found}, "status": {}}


async def names(asking: Asking, arguments: str) -> list[str]:
    """Returns the names of the pods in the answer."""
    answer = await asking(f"{{ pods({arguments}) {{ nodes {{ name }} }} }}")
    assert answer.errors == []
    return [row["name"] for row in json.loads(answer.to_json())["data"]["pods"]["nodes"]]


async def test_a_pick_is_of_the_first_element_and_orders(asking: Callable[[Sequence[Json]], Asking]) -> None:
    ask = asking(
        [
            pod("x", {"name": "side", "image": "1"}, {"name": "app", "image": "b"}),
            pod("y", {"name": "app", "image": "c"}, {"name": "app", "image": "a"}),
            pod("z", {"name": "side", "image": "a"}),
        ]
    )

    assert await names(ask, 'orderBy: [{path: "spec.containers[name=app].image", direction: DESC}]') == ["y", "x", "z"]
    assert await names(ask, 'where: [{path: "spec.containers[name=app].image", op: NOT_EXISTS}]') == ["z"]


@pytest.mark.parametrize(
    ("pick", "found"),
    [
        ("ports[containerPort=80]", ["x"]),
        ("ports[hostPort=-1]", []),
        ("ports[protocol=80]", ["y"]),
        (r"ports[name=\"a b]\"]", ["y"]),
    ],
)
async def test_a_pick_compares_numbers_and_texts(
    asking: Callable[[Sequence[Json]], Asking], pick: str, found: list[str]
) -> None:
    ask = asking(
        [
            pod("x", {"name": "app", "ports": [{"containerPort": 80, "protocol": "TCP"}]}),
            pod("y", {"name": "app", "ports": [{"containerPort": 81, "protocol": "80", "name": "a b]"}]}),
        ]
    )

    assert await names(ask, f'where: [{{path: "spec.containers.{pick}", op: EXISTS}}]') == found


async def test_groups_and_figures_take_picks(asking: Callable[[Sequence[Json]], Asking]) -> None:
    requests = {"resources": {"requests": {"cpu": "500m"}}}
    ask = asking(
        [
            pod("x", {"name": "app", "image": "a", **requests}, {"name": "side", "image": "c", **requests}),
            pod("y", {"name": "app", "image": "a", **requests}),
        ]
    )

    answer = await ask(
        """{ pods { groups(by: ["spec.containers[name=app].image"]) {
          key count cpu: sum(path: "spec.containers[name=app].resources.requests.cpu")
          least: min(path: "spec.containers[name=side].image") most: max(path: "spec.containers[name=app].name")
        } } }"""
    )

    assert json.loads(answer.to_json())["data"]["pods"]["groups"] == [
        {"key": ["a"], "count": 2, "cpu": "1", "least": "c", "most": "app"}
    ]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ('{path: "spec", some: [{path: "x"}]}', "where: spec leads through no list, and some needs one"),
        ('{path: "spec.containers", every: []}', "where: every has an empty list"),
        ('{some: [{path: "x"}]}', "where: a comparison needs a path."),
        ('{path: "a", some: [{path: "x"}], none: [{path: "x"}]}', "where: an entry is either"),
        ('{path: "a", and: [{path: "x"}]}', "where: an entry is either"),
        ('{path: "spec.containers", some: [{value: 1}]}', "of type Container; name a field of them"),
        ('{path: "spec.containers.args", some: [{path: "x", value: 1}]}', "the elements of the list are values"),
        ('{path: "spec.containers", some: [{path: "nam", value: 1}]}', "has no field nam; did you mean name?"),
        ('{path: "spec.containers.resources.limits", some: [{value: 1}]}', "is a map, and some needs a list"),
        ('{path: "name", value: 1, valuePath: "x"}', "where: name EQ: give either value or valuePath, not both."),
        ('{path: "name", op: MATCHES, valuePath: "x"}', "where: name MATCHES: valuePath is for EQ, NE"),
        ('{path: "name", valuePath: "restarts"}', "name is text and restarts is a number; they cannot be compared."),
        ('{path: "name", valuePath: "spec"}', "where: spec is no value, so it cannot be compared"),
        (
            '{path: "name", valuePath: "spec.containers.name"}',
            "as in spec.containers[name=...].name. To compare two fields of one element, use some, every or none.",
        ),
        ('{path: "spec[a=b].x", value: 1}', "spec is no list of structures, so no element can be picked."),
        ('{path: "node.pods[name=b].name", value: 1}', "linked objects, of which none can be picked"),
        ('{path: "node.status.images.names[x=b]", value: 1}', "names is no list of structures, so no element can"),
        ('{path: "node.pods.metadata[name=b].uid", value: 1}', "metadata is no list of structures, so no element"),
        ('{path: "spec.containers[nam=b].name", value: 1}', "did you mean spec.containers[name=b]?"),
        ('{path: "spec.containers[tty=yes].name", value: 1}', "[tty=yes] never holds; tty is a number, or true or"),
        ('{path: "spec.containers[0].name", value: 1}', "is no path from character 16 on"),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    asking: Callable[[Sequence[Json]], Asking], where: str, message: str
) -> None:
    (error,) = (await asking([])(f"{{ pods(where: [{where}]) {{ totalCount }} }}")).errors

    assert message in str(error["message"])


async def test_an_order_through_a_list_names_the_pick(asking: Callable[[Sequence[Json]], Asking]) -> None:
    (error,) = (await asking([])('{ pods(orderBy: [{path: "spec.containers.ports.name"}]) { totalCount } }')).errors

    assert error["message"] == (
        "orderBy: spec.containers.ports.name leads through a list, so an object has many values there. "
        "Pick an element of it, as in spec.containers[name=...].ports[name=...].name."
    )


NAMED = '{path: "name", value: 1}'


def nested(levels: int) -> str:
    """Returns `some` inside `some` through the same link, and a comparison at its end."""
    condition = '{path: "name", op: NE, value: "x"}'
    for _ in range(levels):
        condition = f'{{path: "cluster.pods", some: [{condition}, {{path: "name", value: "none"}}]}}'
    return condition


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (
            f'{{path: "spec.containers", some: {"[{and: " * 10}[{NAMED}]{"}]" * 10}}}',
            "where: groups inside each other more",
        ),
        (nested(5), "Estimated values that paths of where, orderBy and groups lead to through links"),
        (
            f'{{path: "spec.containers", some: [{" ".join([NAMED] * 101)}]}}',
            "where: 101 comparisons; at most 100.",
        ),
        (
            f'{{path: "spec.containers", some: [{{path: "name", op: IN, value: {json.dumps(["a"] * 1001)}}}]}}',
            "where: name: 1001 values; at most 1000.",
        ),
    ],
    ids=("depth", "links", "comparisons", "values"),
)
async def test_limits_hold_for_inner_conditions(
    asking: Callable[[Sequence[Json]], Asking], where: str, message: str
) -> None:
    (error,) = (await asking([])(f"{{ pods(where: [{where}]) {{ totalCount }} }}")).errors

    assert str(error["message"]).startswith(message)


async def test_elements_through_links_are_counted_again_for_each_parent(
    asking: Callable[[Sequence[Json]], Asking],
) -> None:
    ask = asking([pod(f"p-{number}") for number in range(100)])
    query = f"{{ pods(where: [{nested(1)}]) {{ totalCount }} }}"

    (error,) = (await ask(query, limits=OperationLimits(expanded_values=9000))).errors

    assert "lead to more than 9000 values through links" in str(error["message"])
    assert not (await ask(query, limits=OperationLimits(expanded_values=50_000))).errors


def elements() -> OfElements:
    """Returns the condition that some element of a row's list equals 1; links lead to the elements."""
    many = FieldPath("many", (), (), ValueType.NUMBER, is_many=True, has_links=True)
    one = FieldPath(".", (), (), ValueType.NUMBER, is_many=False)
    equal = predicate(Comparison(".", Operator.EQ, 1), ValueType.NUMBER, ComparisonLimits())
    return OfElements(PathValues(many, (itemgetter(0),)), OfOne(PathValues(one, ()), equal), ElementQuantifier.SOME)


def test_one_object_with_very_many_elements_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)
    row, turns = ([2] * 10_000,), LoopTurns()

    async def work() -> None:
        assert await elements().of([row, ([1],)], Walk(Expansion(1_000_000))) == [False, True]

    turns.run(work())

    assert turns.most_lines < 15_000, turns.where


async def test_an_object_that_is_decided_is_read_no_further() -> None:
    expansion = Expansion(1_000_000)
    row = ([1, *[2] * 100_000],)

    assert await elements().of([row, ([2],), ([1],)], Walk(expansion)) == [True, False, True]
    assert expansion.values < 5000


async def test_inner_paths_are_not_left_to_api_servers(engine: Engine) -> None:
    sender = ObjectsSender("one", lambda _kind: [])
    where = '{path: "node.pods", some: [{path: "name", value: "x"}, {path: "metadata.labels.app", value: "web"}]}'

    await Asking(engine, fleet_of([sender]))(f"{{ pods(where: [{where}]) {{ totalCount }} }}")

    assert [key for call in sender.calls for key, _ in call.query if key.endswith("Selector")] == []


@pytest.mark.parametrize("quantifier", ["some", "every", "none"])
async def test_elements_behind_a_failed_link_are_unknown(engine: Engine, quantifier: str) -> None:
    def objects(kind: Kind) -> Sequence[Any]:
        return [{"metadata": {"name": "n-0"}, "spec": {}, "status": {}}] if kind == NODE else [pod("p")]

    where = f'{{path: "pods", {quantifier}: [{{path: "name", value: "x"}}]}}'

    answer = await Asking(engine, fleet_of([ObjectsSender("one", objects, broken=[POD])]))(
        f"{{ nodes(where: [{where}]) {{ nodes {{ name }} }} }}"
    )

    response = json.loads(answer.to_json())
    assert response["data"]["nodes"]["nodes"] == []
    (error,) = response["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["nodes"], "CLUSTER_UNREACHABLE")
