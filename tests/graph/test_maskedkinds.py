"""One mask, all ways: a canary in masked places of kinds that the operator names leaves through none of them.

The kinds are a custom one with a type, one without, and a built-in one; each is asked in every form of a query.
"""

import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import msgspec
import pytest
from graphql import GraphQLSchema, build_schema

from graph.engine import Engine
from graph.schema.definitions import define, definitions_of
from k8s.kinds.builtin import DEPLOYMENT, NAMESPACE
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import COPIES, Masking
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.arguments.globalids import object_id
from resolvers.names import type_name
from tests.controlplane.json_object import JsonObject
from tests.graph.customtypes import GIZMO, WIDGET, open_source
from tests.graph.everyfield import Values, merged, selected
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

CANARY: Final = "s3cr3t-canary"
SHOWN: Final = "shown-value"
TYPED: Final = (WIDGET, DEPLOYMENT)
KINDS: Final = (*TYPED, GIZMO)
MASKS: Final[dict[Kind, Sequence[str]]] = {
    WIDGET: (
        "spec.aString",
        "spec.aAny.token",
        "spec.aStringMap.token",
        "spec.someString",
        "spec.tree",
        "spec.parts.name",
        "spec.template.spec.containers.env.value",
        "spec.unknown.token",
        "status.conditions.message",
        'metadata.annotations["example.com/token"]',
    ),
    GIZMO: ("spec.token", "spec.list.token", "spec.values.token", "status.conditions.message"),
    DEPLOYMENT: ("spec.template.spec.containers.env.value", "status.conditions.message"),
}
NAMES: Final = {WIDGET: "acme.com/Widget", GIZMO: "gizmos.other.com", DEPLOYMENT: "deployments.apps"}
MASKING: Final = Masking(masked_paths(",".join(f"{NAMES[kind]}:{path}" for kind in KINDS for path in MASKS[kind])))
COPY: Final = f'metadata.annotations["{COPIES[0]}"]'
HANDLED: Final = "operator.example.com/last-handled-configuration"


def _above(path: str) -> Iterator[str]:
    """Yields a path and all paths above it."""
    keys = path.split(".") if "[" not in path else ["metadata", path.removeprefix("metadata.")]
    return (".".join(keys[: place + 1]) for place in range(len(keys)))


def _values(kind: Kind) -> Values:
    own_id = object_id("id-alpha", kind, "shop", "db")
    open_paths = {above for path in (*MASKS[kind], COPY) for above in _above(path)}
    paths = (*sorted(open_paths), "metadata.managedFields", "metadata.managedFields.fieldsV1")
    return {
        "path": [json.dumps(path) for path in paths],
        "verb": ['"get"'],
        "range": ['"1h"'],
        "type": ['"Ready"'],
        "by": ['["name"]'],
        "cluster": ['"alpha"'],
        "name": ['"db"'],
        "namespace": ['"shop"'],
        "resource": [f'"{kind}"'],
        "apiVersion": [f'"{kind.api_version}"'],
        "kind": [f'"{kind.name}"'],
        "names": ['["all"]'],
        "id": [f'"{own_id}"'],
    }


def _canaries(kind: Kind) -> JsonObject:
    container: JsonObject = {"name": "web", "env": [{"name": SHOWN, "value": CANARY}]}
    template: JsonObject = {"spec": {"containers": [container]}}
    condition: JsonObject = {"type": "Ready", "status": "False", "reason": "Failed", "message": CANARY}
    status: JsonObject = {"conditions": [condition]}
    if kind == DEPLOYMENT:
        return {"spec": {"template": template, "replicas": 1}, "status": status}
    if kind == GIZMO:
        values = f"token: {CANARY}"
        spec: JsonObject = {
            "token": CANARY,
            "list": [{"token": CANARY, "name": SHOWN}],
            "values": values,
            "name": SHOWN,
        }
        return {"spec": spec, "status": status}
    return {
        "spec": {
            "aString": CANARY,
            "aAny": {"token": CANARY, "name": SHOWN},
            "aStringMap": {"token": CANARY, "name": SHOWN},
            "someString": [CANARY],
            "tree": {"aString": CANARY, "aAny": [{"x": CANARY}], "tree": {"someString": [CANARY]}},
            "parts": [{"name": CANARY}],
            "template": template,
            "unknown": f"token: {CANARY}",
            "inner": {"spec": {"aString": SHOWN}},
        },
        "status": {"conditions": [condition], "totalCount": 1},
    }


def _objects(kind: Kind) -> Sequence[JsonObject]:
    if kind == NAMESPACE:
        return [{"metadata": {"name": "shop"}}]
    if kind not in KINDS:
        return []
    fields: JsonObject = {"f:spec": {"f:someString": {f'v:"{CANARY}"': {}}}}
    metadata: JsonObject = {
        "namespace": "shop",
        "name": "db",
        "annotations": {COPIES[0]: CANARY, HANDLED: CANARY, "team": SHOWN},
        "managedFields": [{"manager": "kubectl", "operation": "Apply", "fieldsV1": fields}],
    }
    if kind == WIDGET:
        metadata["annotations"] = {"example.com/token": CANARY, COPIES[0]: CANARY, HANDLED: CANARY, "team": SHOWN}
    return [{"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **_canaries(kind)}]


class _PrintingSender(ObjectsSender):
    """An API server that prints a masked value in a column."""

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        if "as=Table" not in call.accept:
            return await super().send(call, deadline, on_prefix=on_prefix)
        self.calls.append(call)
        row = {"cells": [CANARY], "object": {"metadata": {"namespace": "shop", "name": "db"}}}
        definitions = [{"name": "Token", "type": "string"}]
        return msgspec.json.encode({"kind": "Table", "metadata": {}, "columnDefinitions": definitions, "rows": [row]})


@pytest.fixture(scope="module")
async def asking() -> AsyncIterator[Asking]:
    """Returns a fleet of one cluster, which serves all kinds; `gizmos` have no type."""
    engine = Engine(types=open_source({"alpha": (WIDGET,)}))
    fleet = fleet_of([_PrintingSender("alpha", _objects, custom=(WIDGET, GIZMO))], masking=MASKING)
    yield Asking(engine, fleet, masking=MASKING)
    await engine.close()


@pytest.fixture(scope="module")
async def schema(asking: Asking) -> GraphQLSchema:
    """Returns the schema as the caller knows it."""
    state = await asking.engine.schemas.of_all(await asking.fleet.clusters(asking.caller))
    schema = build_schema(state.sdl())
    define(schema, definitions_of(state.schema))
    return schema


def _type(kind: Kind) -> str:
    return type_name(kind) if kind in TYPED else "GenericObject"


def _ways(kind: Kind) -> dict[str, str]:
    """Returns the ways to objects of a kind, by name."""
    here = 'cluster: "alpha", namespace: "shop", name: "db"'
    named = f'apiVersion: "{kind.api_version}", kind: "{kind.name}"'
    own_id = object_id("id-alpha", kind, "shop", "db")
    own_type = _type(kind)
    row = f"... on {own_type} {{ %s }}"
    ways = {
        "objects": f'{{ objects(resource: "{kind}") {{ nodes {{ {row} }} }} }}',
        "objects by kind": f"{{ objects({named}) {{ edges {{ node {{ {row} }} }} }} }}",
        "groups": f'{{ objects({named}) {{ groups(by: ["name"]) {{ nodes {{ {row} }} }} }} }}',
        "cluster": f'{{ clusters {{ objects(resource: "{kind}") {{ nodes {{ {row} }} }} }} }}',
        "object": f"{{ object({here}, {named}) {{ {row} }} }}",
        "id": f'{{ object(id: "{own_id}") {{ {row} }} }}',
        "categories": f'{{ categories(names: ["all"]) {{ nodes {{ {row} }} }} }}',
        "deferred": f'{{ objects(resource: "{kind}") {{ nodes {{ name ... @defer {{ {row} }} }} }} }}',
        "streamed": f'{{ objects(resource: "{kind}") {{ nodes @stream(initialCount: 0) {{ {row} }} }} }}',
    }
    if kind in TYPED:
        name = type_name(kind)[0].lower() + type_name(kind)[1:]
        ways |= {
            "entity": f'{{ _entities(representations: [{{__typename: "{own_type}", id: "{own_id}"}}]) {{ {row} }} }}',
            "list": f"{{ {name}s {{ nodes {{ %s }} }} }}",
            "single": f"{{ {name}({here}) {{ %s }} }}",
            "namespace": f"{{ namespaces {{ nodes {{ {name}s {{ nodes {{ %s }} }} }} }} }}",
        }
    return ways


@pytest.mark.parametrize(("kind", "way"), [(kind, way) for kind in KINDS for way in _ways(kind)], ids=str)
async def test_no_field_shows_a_masked_value(
    asking: Asking, schema: GraphQLSchema, kind: Kind, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    texts = list[str]()
    selections = list(selected(schema, _type(kind), _values(kind)))

    for start in range(0, len(selections), 28):
        document = _ways(kind)[way] % merged(selections[start : start + 28])
        texts += [repr(payload) async for payload in asking.deliver(document, timeout_s=60)]

    shown = "".join(texts)
    assert f"'{COPIES[0]}': None" in shown
    assert f"'{HANDLED}': None" in shown
    assert SHOWN in shown
    assert "INTERNAL" not in shown
    assert CANARY not in shown
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    "selection",
    [
        "manifest",
        "manifest(managedFields: true)",
        "manifest(format: YAML)",
        "manifest(format: YAML, managedFields: true)",
        "columns { value }",
        'condition(type: "Ready") { message }',
        "health { message }",
        "metadata { annotations managedFields { fieldsV1 } }",
        'fields(path: "metadata")',
        "owner { manifest } owned { manifest } owners { name }",
        "events { nodes { manifest } }",
    ],
)
async def test_no_member_of_every_kind_shows_a_masked_value(asking: Asking, selection: str) -> None:
    answer = await asking(f'{{ categories(names: ["all"]) {{ nodes {{ kind {selection} }} }} }}')

    nodes = answer.to_builtins()["data"]["categories"]["nodes"]
    assert {"Deployment", "Gizmo", "Widget"} == {node["kind"] for node in nodes}
    assert CANARY not in repr(answer.to_builtins())


ARGUMENTS: Final = (
    "(where: {path: $path, op: GE, value: 1}) { totalCount }",
    "(where: {not: {path: $path, op: EXISTS}}) { totalCount }",
    '(where: {path: "name", op: LT, valuePath: $path}) { totalCount }',
    "(orderBy: {path: $path}) { nodes { name } pageInfo { endCursor } }",
    "{ groups(by: [$path]) { count } }",
    "{ groups(by: []) { min(path: $path) max(path: $path) } }",
)


@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_no_argument_tells_a_masked_value(asking: Asking, kind: Kind) -> None:
    (sender,) = (cluster.sender for cluster in await asking.fleet.clusters(asking.caller))
    assert isinstance(sender, ObjectsSender)
    name = type_name(kind)[0].lower() + type_name(kind)[1:]
    lists = [f'objects(resource: "{kind}")', *([f"{name}s"] if kind in TYPED else [])]
    unknown = [path for path in MASKS[kind] if "unknown" in path]  # no path of the type
    sender.calls.clear()

    for path in (*(path for path in MASKS[kind] if path not in unknown), COPY, f'metadata.annotations["{HANDLED}"]'):
        for start in lists:
            for argument in ARGUMENTS:
                joined = start + argument if argument.startswith("{") else start.removesuffix(")") + argument
                joined = joined.replace('"(', '", ') if start.endswith(")") else joined
                answer = (await asking(f"{{ {joined.replace('$path', json.dumps(path))} }}")).to_builtins()

                assert "is masked" in answer["errors"][0]["message"], (joined, answer)

    assert not [call for call in sender.calls if call.verb == "list"]


@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_no_selector_tells_a_masked_value(asking: Asking, kind: Kind) -> None:
    for path in (path for path in MASKS[kind] if "[" not in path):
        for selected_path in _above(path):
            query = f'{{ objects(resource: "{kind}", fieldSelector: "{selected_path}!=a") {{ totalCount }} }}'
            answer = (await asking(query)).to_builtins()

            message = f"fieldSelector: {selected_path} is masked, so objects cannot be selected by it."
            assert [error["message"] for error in answer["errors"]] == [message]
