"""A canary in every masked place of a Secret leaves fleetgraph through no field, argument, link, log or explanation.

The queries are made from the schema, so a new field or root field is tested without a line here; a new required
argument needs an entry in `VALUES`.
"""

import logging
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pytest
from graphql import GraphQLSchema, get_named_type

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.kinds.builtin import CONFIG_MAP, NAMESPACE, POD, SECRET
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import COPIES, Masking
from resolvers.arguments.globalids import object_id
from resolvers.caller import OPERATOR
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.everyfield import called, merged, selected
from tests.graph.fleets import CURSOR_KEY, Asking, fleet_of
from tests.graph.senders import ObjectsSender

CANARY: Final = "s3cr3t-canary"
ENCODED: Final = b64encode(CANARY.encode()).decode()
PATHS: Final = (
    "data",
    "data.password",
    'data["password"]',
    "stringData",
    "metadata",
    "metadata.annotations",
    f'metadata.annotations["{COPIES[0]}"]',
)
VALUES: Final[dict[str, Sequence[str]]] = {
    "path": [f'"{path}"'.replace('["', '[\\"').replace('"]', '\\"]') for path in PATHS],
    "verb": ['"get"'],
    "range": ['"1h"'],
    "type": ['"Ready"'],
    "by": [f'["{path}"]'.replace('[\\"', '[\\\\"') for path in ("type", "data.password")],
    "representations": [f'[{{__typename: "Secret", id: "{object_id("id-alpha", SECRET, "shop", "db")}"}}]'],
    "cluster": ['"alpha"'],
    "name": ['"db"'],
    "namespace": ['"shop"'],
    "resource": ['"secrets"'],
    "apiVersion": ['"v1"'],
    "kind": ['"Secret"'],
    "names": ['["all"]'],
    "id": [f'"{object_id("id-alpha", SECRET, "shop", "db")}"'],
}


def _objects(kind: Kind) -> Sequence[JsonObject]:
    if kind == NAMESPACE:
        return [{"metadata": {"name": "shop"}}]
    if kind == POD:
        return [_pod()]
    if kind not in {SECRET, CONFIG_MAP}:
        return []
    metadata: JsonObject = {"namespace": "shop", "name": "db", "labels": {"owner": "helm"}}
    copies = (f'{{"data": "{CANARY} {ENCODED}"}}' for _ in COPIES)
    metadata["annotations"] = {"team": "shop", **dict(zip(COPIES, copies, strict=True))}
    values: JsonObject = {"password": ENCODED, CANARY[:3]: CANARY}
    item: JsonObject = {"apiVersion": "v1", "kind": kind.name, "metadata": metadata, "data": values}
    return [item | ({"stringData": {"password": CANARY}} if kind == SECRET else {"binaryData": values})]


def _pod() -> JsonObject:
    """Returns a pod whose variables have the keys of both objects in all ways."""
    keys: list[JsonValue] = [
        {"name": kind, "valueFrom": {f"{kind}KeyRef": {"name": "db", "key": "password"}}}
        for kind in ("secret", "configMap")
    ]
    sources: list[JsonValue] = [{"secretRef": {"name": "db"}}, {"prefix": "c.", "configMapRef": {"name": "db"}}]
    text: JsonObject = {"name": "text", "value": "$(secret) $(configMap) $(password) $(c.password)"}
    container: JsonObject = {"name": "app", "env": [*keys, text], "envFrom": sources}
    return {"metadata": {"namespace": "shop", "name": "db"}, "spec": {"containers": [container]}}


def _asking(engine: Engine) -> Asking:
    return Asking(engine, fleet_of([ObjectsSender("alpha", _objects)]))


def _ways(kind: Kind) -> dict[str, str]:
    """Returns the ways to objects of a kind, by name."""
    name = kind.name[0].lower() + kind.name[1:]
    here = 'cluster: "alpha", namespace: "shop", name: "db"'
    own_id = object_id("id-alpha", kind, "shop", "db")
    return {
        "list": f"{{ {name}s {{ nodes {{ %s }} }} }}",
        "edges": f"{{ {name}s {{ edges {{ node {{ %s }} }} }} }}",
        "groups": f'{{ {name}s {{ groups(by: ["name"]) {{ nodes {{ %s }} }} }} }}',
        "single": f"{{ {name}({here}) {{ %s }} }}",
        "id": f'{{ object(id: "{own_id}") {{ ... on {kind.name} {{ %s }} }} }}',
        "entity": f'{{ _entities(representations: [{{__typename: "{kind.name}", id: "{own_id}"}}]) '
        f"{{ ... on {kind.name} {{ %s }} }} }}",
        "namespace": f"{{ namespaces {{ nodes {{ {name}s {{ nodes {{ %s }} }} }} }} }}",
        "cluster": f"{{ clusters {{ {name}s {{ nodes {{ %s }} }} }} }}",
        "deferred": f"{{ {name}s {{ nodes {{ name ... @defer {{ %s }} }} }} }}",
        "streamed": f"{{ {name}s {{ nodes @stream(initialCount: 0) {{ %s }} }} }}",
    }


def _clean(text: str) -> bool:
    return CANARY not in text and ENCODED not in text


@pytest.mark.parametrize("kind", [SECRET, CONFIG_MAP], ids=str)
@pytest.mark.parametrize("way", _ways(SECRET))
async def test_no_field_of_an_object_shows_a_masked_value(
    engine: Engine, schema: GraphQLSchema, kind: Kind, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    selections = list(selected(schema, kind.name, VALUES))
    asking, query, texts = _asking(engine), _ways(kind)[way], list[str]()

    for start in range(0, len(selections), 20):
        document = query % merged(selections[start : start + 20])
        texts += [repr(payload) async for payload in asking.deliver(document, timeout_s=60)]

    assert "'password': None" in "".join(texts)
    assert f"'{COPIES[0]}': None" in "".join(texts)
    assert _clean("".join(texts))
    assert _clean(caplog.text)


async def test_no_variable_of_a_container_shows_a_masked_value(engine: Engine) -> None:
    answer = await _asking(engine)("{ pods { nodes { containers { env { name value error source { key } } } } } }")

    shown = answer.to_builtins()
    (variables,) = (one["env"] for pod in shown["data"]["pods"]["nodes"] for one in pod["containers"])
    assert {one["name"] for one in variables} == {
        *("secret", "configMap", "text", "password", "c.password", CANARY[:3], f"c.{CANARY[:3]}"),
    }
    assert {(one["value"], one["error"]) for one in variables} == {(None, None)}
    assert _clean(repr(shown))


async def test_the_keys_of_a_secret_are_shown(engine: Engine) -> None:
    answer = await _asking(engine)("{ secrets { nodes { data stringData metadata { annotations } } } }")

    (node,) = answer.to_builtins()["data"]["secrets"]["nodes"]
    assert node["data"] == {"password": None, CANARY[:3]: None}
    assert node["stringData"] == {"password": None}
    assert node["metadata"]["annotations"] == dict.fromkeys(COPIES) | {"team": "shop"}


async def test_an_explained_query_is_masked_as_well(engine: Engine) -> None:
    masking = Masking(masked_paths("namespaces:status.phase"))
    sender = ObjectsSender("alpha", lambda kind: [{"metadata": {"name": "a"}, "status": {"phase": CANARY}}])
    fleet = fleet_of([sender], masking=masking)
    operation = Operation(fleet, caller=OPERATOR, cursor_key=CURSOR_KEY, explanation=Explanation(), masking=masking)

    answer = await engine.execute(GraphqlRequest("{ namespaces { nodes { name status { phase } } } }"), operation)

    shown = answer.to_builtins()
    assert shown["data"]["namespaces"]["nodes"] == [{"name": "a", "status": {"phase": None}}]
    assert shown["extensions"]["explain"]["cost"]["requests"] == 1
    assert _clean(repr(shown))


def _root_queries(schema: GraphQLSchema) -> Iterator[str]:
    """Yields every root field that may give a Secret, with every path argument of its connection."""
    assert schema.query_type is not None
    for name, field in schema.query_type.fields.items():
        returned = get_named_type(field.type).name
        if returned in {"SecretConnection", "KubernetesObjectConnection", "GenericObjectConnection"}:
            for one in called(name, field, VALUES):
                start = one.removesuffix(")") + (", " if "(" in one else "(")
                for path in VALUES["path"]:
                    comparison = f"{{path: {path}, op: GE, value: {ENCODED!r}}}".replace("'", '"')
                    yield f"{{ {start}where: {comparison}) {{ totalCount nodes {{ name }} }} }}"
                    yield f"{{ {start}where: {{not: {comparison}}}) {{ totalCount nodes {{ name }} }} }}"
                    yield f"{{ {start}orderBy: {{path: {path}}}) {{ nodes {{ name }} pageInfo {{ endCursor }} }} }}"
                    yield f"{{ {one} {{ groups(by: [{path}]) {{ key count }} }} }}"
                    yield f"{{ {one} {{ groups(by: []) {{ min(path: {path}) max(path: {path}) }} }} }}"


async def test_no_argument_tells_a_masked_value(
    engine: Engine, schema: GraphQLSchema, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    queries = list(_root_queries(schema))

    for query in queries:
        operation = Operation(
            fleet_of([ObjectsSender("alpha", _objects)]),
            caller=OPERATOR,
            cursor_key=CURSOR_KEY,
            explanation=Explanation(),
        )
        answer: Any = (await engine.execute(GraphqlRequest(query), operation)).to_builtins()
        # an error may repeat the caller's own operand, but is the same whatever the value is
        assert answer.get("errors") or "metadata" in query, query
        assert CANARY not in repr(answer), query
        assert ENCODED not in repr(answer.get("data")), query

    assert len(queries) >= 35
    assert _clean(caplog.text)
