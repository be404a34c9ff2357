"""The estimated cost of operations, before any request."""

from collections.abc import Callable, Mapping

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, parse

from graph.document.cost import CostMeasure
from graph.document.estimatedcost import Cost
from resolvers.limits import OperationLimits
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]


def measured(schema: GraphQLSchema, text: str, clusters: int = 3) -> Cost:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return CostMeasure(schema, document, clusters, {}).of(operation)


def cost(schema: GraphQLSchema, text: str, variables: Mapping[str, object] | None = None, clusters: int = 3) -> int:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return CostMeasure(schema, document, clusters, variables or {}).of(operation).objects


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ('{ pods(where: [{path: "node.name", value: "a"}]) { totalCount } }', 0),
        ('{ pods(where: [{path: "spec.containers.image", value: "a"}]) { totalCount } }', 0),
        ('{ pods(where: [{path: "node.pods.name", value: "a"}]) { totalCount } }', 300 * 10),
        ('{ pods(first: 1, where: [{path: "node.pods.name", value: "a"}]) { nodes { name } } }', 300 * 10),
        ('{ pods(where: [{path: "cluster.pods.name", value: "a"}]) { totalCount } }', 300 * 100),
        ('{ pods(where: [{path: "cluster.pods.cluster.pods.name", value: "a"}]) { totalCount } }', 300 * 100**2),
        ('{ pods(where: [{not: [{path: "node.pods.name"}, {path: "node.pods.name"}]}]) { totalCount } }', 300 * 20),
        ('{ pods(where: [{path: "owners.name", value: "a"}]) { totalCount } }', 300 * 10),
        ('{ pods { groups(by: ["node.pods.name"]) { count sum(path: "node.pods.restarts") } } }', 300 * 20),
        ('{ pods { ...F } } fragment F on PodConnection { groups(by: ["node.pods.name"]) { count } }', 300 * 10),
        ('{ nodes(first: 5) { nodes { pods(where: [{path: "node.pods.name"}]) { totalCount } } } }', 5 * 10 * 10),
        ('{ clusters { pods(where: [{path: "node.pods.name"}]) { totalCount } } }', 3 * 100 * 10),
        ('{ pods(where: [{path: "no.such.path"}]) { totalCount } }', 0),
    ],
)
def test_paths_cost_the_values_that_they_lead_to(schema: GraphQLSchema, query: str, values: int) -> None:
    assert measured(schema, query).values == values


async def test_paths_that_lead_to_far_too_many_values_are_refused_before_anything_is_asked(ask: Ask) -> None:
    sender = ObjectsSender("one", MadeObjects(1))
    path = "cluster.pods.cluster.pods.cluster.pods.name"

    for query in (
        f'{{ pods(where: [{{path: "{path}", value: "x"}}]) {{ totalCount }} }}',
        f'{{ pods {{ groups(by: ["{path}"]) {{ count }} }} }}',
        f'{{ pods {{ groups(by: ["name"]) {{ count max(path: "{path}") }} }} }}',
    ):
        answer = await ask(sender)(query)

        assert not answer.executed
        assert str(answer.errors[0]["message"]).startswith(
            "Estimated values that paths of where, orderBy and groups lead to through links: 100000000; "
            "the limit is 2000000 (FLEETGRAPH_MAX_EXPANDED_VALUES)."
        )
    assert sender.calls == []


@pytest.mark.parametrize(
    ("query", "objects"),
    [
        ("{ __typename }", 0),
        ("{ clusters { name } }", 0),
        ("{ pods { totalCount } }", 0),
        ("{ pods { nodes { name } } }", 300),
        ("{ pods { edges { node { name } } } }", 300),
        ("{ pods { edges { cursor } } }", 300),
        ("{ pods(first: 20) { nodes { name } } }", 60),
        ('{ pods(first: 20, clusters: {names: ["a"]}) { nodes { name } } }', 20),
        ('{ pods(first: 20, clusters: {labels: "a=b"}) { nodes { name } } }', 60),
        ("{ pods(first: 20) { nodes { node { name } } } }", 80),
        ('{ pods(name: "a") { nodes { name } } }', 3),
        ('{ pods(name: "a", clusters: {names: ["a"]}) { nodes { node { name } } } }', 2),
        ('{ pods(names: ["a", "b"]) { nodes { name } } }', 2 * 3),
        ('{ pods(names: "a", namespaces: ["x", "y"]) { nodes { name } } }', 2 * 3),
        ('{ pods(name: "a", first: 20) { nodes { name } } }', 60),  # one in each namespace
        ('{ pods(name: "a", namespaces: "x", first: 20) { nodes { name } } }', 3),
        ('{ nodes(name: "a", first: 20) { nodes { name } } }', 3),
        ('{ pods(names: ["a", "b", "c", "d"], first: 2) { nodes { name } } }', 6),
        ('{ objects(resource: "pods", name: "a") { nodes { name } } }', 3),
        ('{ clusters { objects(resource: "pods", names: ["a", "b"]) { nodes { name } } } }', 6),
        ('{ categories(names: ["all", "api"]) { nodes { name } } }', 300),
        ('{ categories(names: ["all"], first: 20) { nodes { name } } }', 60),
        ("{ pods(first: 20) { nodes { spec { containers { image } } } } }", 60),
        ("{ nodes(first: 5) { nodes { pods(first: 7) { nodes { name } } } } }", 5 * 3 + 5 * 7),
        ("{ nodes(first: 5) { nodes { pods { nodes { name } } } } }", 5 * 3 + 5 * 10),
        ('{ pod(cluster: "a", namespace: "b", name: "c") { name } }', 1),
        ("{ clusters { pods { nodes { name } } } }", 300),
        ('{ cluster(name: "a") { pods(first: 9) { nodes { name } } } }', 9),
        ("{ pods(first: 20) { nodes { owners { name } } } }", 3 * 20 + 20 * 2),
        ("{ pods(first: 20) { nodes { owned { name owned(first: 2) { name } } } } }", 3 * 20 + 20 * 10 * (1 + 2)),
        ("{ pods(first: 20) { nodes { owned(first: 3) { node: owner { name } } } } }", 3 * 20 + 20 * 3 * 2),
        ("{ pods { clusters { cluster { nodes(first: 2) { nodes { name } } } } } }", 6),
        ("{ a: pods(first: 1) { nodes { name } } b: pods(first: 2) { nodes { name } } }", 9),
        ("{ pods(first: 2) { ...F } } fragment F on PodConnection { nodes { name } }", 6),
        ("{ pods(first: 2) { ... { ... on PodConnection { nodes { name } } } } }", 6),
        ("{ pods(first: 2) { nodes { name } @include } }".replace(" @include", ""), 6),
    ],
)
def test_an_operation_costs_the_objects_of_its_lists(schema: GraphQLSchema, query: str, objects: int) -> None:
    assert cost(schema, query) == objects


def test_first_is_a_variable_or_its_default(schema: GraphQLSchema) -> None:
    query = "query ($n: Int = 4) { pods(first: $n) { nodes { name } } }"

    assert cost(schema, query, {"n": 50}) == 150
    assert cost(schema, query, {"n": 4}) == 12


@pytest.mark.parametrize("first", ["null", "0", "-1", "-1000000", "$n"])
def test_a_first_that_is_none_counts_as_left_out(schema: GraphQLSchema, first: str) -> None:
    lists = f"a: pods(first: 10) {{ ...F }} b: pods(first: {first}) {{ ...F }}"
    query = f"query ($n: Int) {{ {lists} }} fragment F on PodConnection {{ nodes {{ name }} }}"

    assert cost(schema, query, {"n": -5}) == 30 + 300
    assert cost(schema, query, {"n": None}) == 30 + 300
    assert cost(schema, query, {}) == 30 + 300


def test_what_may_be_included_counts(schema: GraphQLSchema) -> None:
    query = "query ($x: Boolean!) { pods(first: 10) @include(if: $x) { nodes @skip(if: true) { name } } }"

    assert cost(schema, query, {"x": False}) == 30


def test_nested_fragments_cost_no_time(schema: GraphQLSchema) -> None:
    fragments = " ".join(
        f"fragment F{n} on PodConnection {{ nodes {{ node {{ pods(first: 2) {{ ...F{n + 1} ...F{n + 1} }} }} }} }}"
        for n in range(60)
    )
    query = f"{{ pods(first: 2) {{ ...F0 }} }} {fragments} fragment F60 on PodConnection {{ nodes {{ name }} }}"

    assert cost(schema, query) > 4**60


async def test_a_query_over_the_limit_is_refused_before_anything_is_asked(ask: Ask) -> None:
    sender = ObjectsSender("one", MadeObjects(1))
    asking = ask(sender)
    query = "query ($n: Int) { pods(first: $n) { nodes { name } } }"

    within = await asking(query, {"n": 50}, limits=OperationLimits(cost=50))
    calls = len(sender.calls)
    over = await asking(query, {"n": 51}, limits=OperationLimits(cost=50))

    assert not within.errors
    assert (over.executed, over.data) == (False, None)
    (error,) = over.errors
    assert error["message"] == (
        "Estimated cost: 51 objects; the limit is 50 (FLEETGRAPH_MAX_COST). "
        "Ask for smaller pages (`first`) or for fewer links."
    )
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "retryable": False}
    assert len(sender.calls) == calls


async def test_one_field_over_the_limit_keeps_all_others_from_being_asked(ask: Ask) -> None:
    sender = ObjectsSender("one", MadeObjects(1))

    answer = await ask(sender)(
        "{ a: pods(first: 1) { nodes { name } } b: nodes(first: 9999) { nodes { pods(first: 999) { nodes { id } } } } }"
    )

    assert not answer.executed
    assert sender.calls == []


async def test_the_schema_costs_nothing(ask: Ask) -> None:
    answer = await ask()("{ __schema { queryType { name } } }", limits=OperationLimits(cost=0))

    assert not answer.errors


async def test_the_cost_of_a_document_is_measured_for_its_clusters_and_its_variables(ask: Ask) -> None:
    """Checks a document that is asked again and again: with and without variables, of more and of fewer clusters."""
    one, both = (ask(*(ObjectsSender(name, MadeObjects(1)) for name in names)) for names in (["one"], ["one", "two"]))
    limits = OperationLimits(cost=150)

    for _ in range(2):
        for query, variables, expected in (
            ("{ pods { nodes { name } } }", None, "200"),
            ("query Q($f: Int) { pods(first: $f) { nodes { name } } }", {"f": 10}, None),
            ("query Q($f: Int) { pods(first: $f) { nodes { name } } }", {"f": 80}, "160"),
            ('{ pods(clusters: {names: ["one"]}) { nodes { name } } }', None, None),
        ):
            answer = await both(query, variables, limits=limits)
            assert [str(error["message"]).split()[2] for error in answer.errors] == ([expected] if expected else [])
        assert not (await one("{ pods { nodes { name } } }", limits=limits)).errors
