"""Errors of at most some kilobytes, wherever a caller's text of 200 kilobytes is wrong."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from resolvers.operation.operation import Operation
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import CURSOR_KEY, Asking
from tests.graph.senders import ObjectsSender
from tests.processortime import in_loops

Ask = Callable[..., Asking]
LONGEST_ANSWER = 8000
TEXTS = {
    "a letter": "a" * 200_000,
    "a letter that grows": "İ" * 100_000,
    "dots": "a." * 100_000,
    "quotes": "'\"" * 100_000,
    "nothing printable": "\U000e0001" * 50_000,
}


def _objects(kind: Kind) -> list[JsonObject]:
    return [{"metadata": {"name": "a", "namespace": "shop", "labels": {"app": "a"}}}] * (kind == POD)


def _listed(arguments: str) -> str:
    return f"pods({arguments}) {{ totalCount nodes {{ name }} }}"


def _where(entry: str) -> str:
    return _listed(f"where: [{entry}]")


PLACES = {
    **{f"{name} of a list": ("String", _listed(f"{name}: $x")) for name in ("after", "labelSelector", "fieldSelector")},
    "timeoutMs": ("Int", _listed("timeoutMs: $x")),
    "namespaces": ("String!", _listed("namespaces: [$x]")),
    "clusters.names": ("String!", _listed("clusters: {names: [$x]}")),
    "clusters.ids": ("ID!", _listed("clusters: {ids: [$x]}")),
    "clusters.labels": ("String", _listed("clusters: {labels: $x}")),
    "path of where": ("String", _where('{path: $x, value: "a"}')),
    "path of where with many values": ("String", _where(f"{{path: $x, op: IN, value: [{'1 ' * 1001}]}}")),
    "op": ("WhereOperator", _where('{path: "name", op: $x, value: "a"}')),
    "quantifier": ("WhereQuantifier", _where('{path: "name", quantifier: $x, value: "a"}')),
    "ignoreCase": ("Boolean", _where('{path: "name", ignoreCase: $x, value: "a"}')),
    "an entry of where": ("WhereInput!", _where("$x")),
    **{
        f"value that {op} takes for {path}": ("JSON", _where(f'{{path: "{path}", op: {op}, value: $x}}'))
        for op in ("EQ", "LT", "IN", "CONTAINS", "MATCHES", "STARTS_WITH", "EXISTS")
        for path in ("name", "createdAt", "restarts", "status.podIP", "metadata.managedFields.fieldsV1")
    },
    "key of a map": ("JSON", _where('{path: "metadata.labels", op: EQ, value: $x}')),
    "path of orderBy": ("String!", _listed("orderBy: [{path: $x}]")),
    "by": ("String!", "pods { groups(by: [$x]) { count } }"),
    "path of a figure": ("String!", 'pods { groups(by: ["name"]) { sum(path: $x) } }'),
    "path of groups' orderBy": (
        "String",
        'pods { groups(by: ["name"], orderBy: [{figure: SUM, path: $x}]) { count } }',
    ),
    "figure": ("GroupFigure!", 'pods { groups(by: ["name"], orderBy: [{figure: $x}]) { count } }'),
    "verb": ("String!", "pods { nodes { viewerCan(verb: $x) } }"),
    "range of usageOver": ("String!", "pods { nodes { usageOver(range: $x) { cpu { value } } } }"),
    "step of usageOver": ("String", 'pods { nodes { usageOver(range: "1h", step: $x) { cpu { value } } } }'),
    "subresource": ("String", 'pods { nodes { viewerCan(verb: "get", subresource: $x) } }'),
    "resource": ("String!", 'clusters { viewerCan(verb: "get", resource: $x) }'),
    "namespace of viewerCan": ("String", 'clusters { viewerCan(verb: "get", resource: "pods", namespace: $x) }'),
    "name of viewerCan": ("String", 'clusters { viewerCan(verb: "get", resource: "pods", name: $x) }'),
    "names": ("String!", "clusters(names: [$x]) { name }"),
    "labels": ("String", "clusters(labels: $x) { name }"),
    "cluster": ("String!", "cluster(name: $x) { name }"),
    "cluster of an object": ("String!", 'pod(cluster: $x, namespace: "shop", name: "a") { name }'),
    "namespace of an object": ("String!", 'pod(cluster: "one", namespace: $x, name: "a") { name }'),
    "name of an object": ("String!", 'pod(cluster: "one", namespace: "shop", name: $x) { name }'),
    "id": ("ID!", "object(id: $x) { id }"),
    "a representation": ("_Any!", "_entities(representations: [$x]) { __typename }"),
    "__typename": ("_Any!", "_entities(representations: [{__typename: $x}]) { __typename }"),
    **{f"{name} of auditEvents": ("String", f"auditEvents({name}: $x) {{ nodes {{ id }} }}") for name in ("after",)},
    "first of auditEvents": ("Int", "auditEvents(first: $x) { nodes { id } }"),
    **{f"{name} of kinds": ("String", f"kinds({name}: $x) {{ totalCount }}") for name in ("after", "group")},
    "first of kinds": ("Int", "kinds(first: $x) { totalCount }"),
    "action": ("AuditAction", "auditEvents(action: $x) { nodes { id } }"),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_a_long_text_is_not_sent_back(ask: Ask, place: tuple[str, str], text: str) -> None:
    wanted, field = place
    query = f"query($x: {wanted}) {{ {field} }}"
    asking = ask(ObjectsSender("one", _objects))

    for value in (text, [text] * 2, {text: text}, [[{"path": text, text: text}]]):
        answer = await asking(query, {"x": value})

        assert len(answer.to_json()) < LONGEST_ANSWER


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_a_long_name_of_an_operation_is_not_sent_back(ask: Ask, engine: Engine, text: str) -> None:
    asking = ask(ObjectsSender("one", _objects))
    operation = Operation(asking.fleet, caller=asking.caller, cursor_key=CURSOR_KEY)

    answer = await engine.execute(GraphqlRequest("query a { __typename }", operation_name=text), operation)

    (error,) = answer.errors
    assert str(error["message"]).startswith("Unknown operation named '")
    assert len(answer.to_json()) < LONGEST_ANSWER


WORDS = "\U000e0001" * 250_000
UNKNOWN = {f"a{number}": 1 for number in range(900)}
WORDY = {
    "a long key": {"x": [{WORDS: 1, **UNKNOWN}]},
    "a long value": {"x": [{"path": WORDS, **UNKNOWN}]},
}


@pytest.mark.parametrize("variables", WORDY.values(), ids=WORDY)
def test_many_errors_that_each_show_a_long_text_take_the_loop_little_time(
    ask: Ask, variables: dict[str, object]
) -> None:
    """Asserts the work of the loop's thread: 1 loop; without the other thread it was 150."""
    asking = ask(ObjectsSender("one", _objects))
    query = "query($x: [WhereInput!]) { pods(where: $x) { totalCount } }"
    with asyncio.Runner() as runner:
        answer = runner.run(asking(query, variables))

        assert len(answer.errors) == 21  # the last one says that these are too many
        assert in_loops(lambda: runner.run(asking(query, variables))) < 20


NAME = "N" * 80_000
LITERALS = [
    f"{{ {NAME} }}",
    f"{{ pods({NAME}: 1) {{ totalCount }} }}",
    f"{{ pods @{NAME} {{ totalCount }} }}",
    f"{{ pods {{ ...{NAME} }} }}",
    f"{{ pods {{ ... on {NAME} {{ a }} }} }}",
    f"query($x: {NAME}) {{ pods(first: $x) {{ totalCount }} }}",
    f"query(${NAME}: Int) {{ pods {{ totalCount }} }}",
    f"{{ pods(first: ${NAME}) {{ totalCount }} }}",
    f'{{ pods(first: "{NAME}") {{ totalCount }} }}',
    f"{{ pods(first: {'1' * 80_000}) {{ totalCount }} }}",
    f"{{ pods(where: [{{op: {NAME}}}]) {{ totalCount }} }}",
    f"{{ pods(where: [{{{NAME}: 1}}]) {{ totalCount }} }}",
    f'{{ pods(where: [{{op: "{NAME}"}}]) {{ totalCount }} }}',
    f"{{ pods(where: {NAME}) {{ totalCount }} }}",
    f'{{ pods(labelSelector: ["{NAME}"]) {{ totalCount }} }}',
    f"{{ pods {{ totalCount }} {NAME}",
]


@pytest.mark.parametrize("document", LITERALS, ids=range(len(LITERALS)))
async def test_a_long_name_in_a_document_is_not_sent_back(ask: Ask, document: str) -> None:
    answer: Any = await ask(ObjectsSender("one", _objects))(document)

    assert not answer.executed
    assert len(answer.to_json()) < LONGEST_ANSWER
