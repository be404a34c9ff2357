"""`fields(path:)` and `manifest` of objects: the JSON that the API server sent."""

from collections.abc import Callable

import pytest
import yaml

from k8s.kinds.builtin import POD, SECRET
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.comparison import assert_same
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender
from tests.otherturns import turns_during

Ask = Callable[..., Asking]
MANAGED: list[JsonValue] = [{"manager": "x"}]
POD_JSON: JsonObject = {
    "metadata": {"name": "p", "namespace": "shop", "labels": {"a/b": "c"}, "managedFields": MANAGED},
    "spec": {"containers": [{"name": "app", "ports": [{"containerPort": 80}, {"containerPort": 81}]}, {"name": "b"}]},
    "status": {"conditions": [{"type": "Ready", "status": "True", "n": 2**53 + 1}], "observedGeneration": 2**53 + 1},
}


def _objects(kind: Kind) -> list[JsonObject]:
    if kind == SECRET:
        return [{"metadata": {"name": "s", "namespace": "shop"}, "data": {"key": "c2VjcmV0"}, "type": "Opaque"}]
    return [POD_JSON] * (kind == POD)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.containers.ports.containerPort", [[80, 81], None]),
        ("status.conditions[type=Ready].n", 2**53 + 1),
        ("status.conditions[type=Ready]", {"type": "Ready", "status": "True", "n": 2**53 + 1}),
        ("status.conditions[type=Other].n", None),
        ("spec.containers.ports[containerPort=81].containerPort", [81, None]),
        ("status.observedGeneration", 2**53 + 1),
        ('metadata.labels["a/b"]', "c"),
        ("metadata.name.x", None),
        ("no.such.path", None),
    ],
)
async def test_fields_are_the_json_at_a_path(ask: Ask, path: str, value: object) -> None:
    query = "query ($path: String!) { pods { nodes { name fields(path: $path) status { observedGeneration } } } }"
    asking = ask(ObjectsSender("one", _objects))

    answer = await asking(query, {"path": path})

    (node,) = answer.to_builtins()["data"]["pods"]["nodes"]
    assert node == {"name": "p", "fields": value, "status": {"observedGeneration": 2**53 + 1}}
    assert_same(answer, await asking.ordinary(query, {"path": path}))


async def test_a_wrong_path_is_refused_before_any_request(ask: Ask) -> None:
    sender = ObjectsSender("one", _objects)

    answer = await ask(sender)('{ pods { nodes { fields(path: "a..b") } } }')

    assert "'a..b' is no path from character 2 on" in str(answer.errors[0]["message"])
    assert not [call for call in sender.calls if call.path.endswith("pods")]


async def test_a_manifest_is_the_whole_object(ask: Ask) -> None:
    asking = ask(ObjectsSender("one", _objects))
    query = "{ pods { nodes { manifest all: manifest(managedFields: true) text: manifest(format: YAML) } } }"

    answer = await asking(query)

    (node,) = answer.to_builtins()["data"]["pods"]["nodes"]
    whole = {"apiVersion": "v1", "kind": "Pod", **POD_JSON}
    metadata = {"name": "p", "namespace": "shop", "labels": {"a/b": "c"}}
    assert node["all"] == whole
    assert list(node["all"]) == list(whole)
    assert node["manifest"] == whole | {"metadata": metadata}
    assert yaml.safe_load(node["text"]) == node["manifest"]
    assert_same(answer, await asking.ordinary(query))


async def test_others_have_a_turn_while_a_manifest_is_written(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    annotations: JsonObject = {f"key-{number}": "value" for number in range(1000)}
    pod: JsonObject = {"metadata": {"name": "p", "namespace": "shop", "annotations": annotations}}
    asking = ask(ObjectsSender("one", lambda kind: [pod] * (kind == POD)))

    await asking("{ pods { nodes { manifest } } }")

    assert await turns_during(lambda: asking("{ pods { nodes { manifest(format: YAML) } } }"), monkeypatch) >= 1000


async def test_a_manifest_that_would_be_many_times_as_large_as_its_object_is_refused(ask: Ask) -> None:
    deep: JsonValue = [1] * 20_000
    for _ in range(450):
        deep = {"a": deep}
    asking = ask(ObjectsSender("one", lambda kind: [POD_JSON | {"status": deep}] * (kind == POD)))

    answer = await asking("{ pods { nodes { name manifest(format: YAML) } } }")

    (error,) = answer.errors
    assert error["message"] == (
        "manifest: the YAML of pods p has more than 16777216 characters. "
        "Ask for JSON, or for a part with fields(path:)."
    )
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "retryable": False}


async def test_masked_values_are_null(ask: Ask) -> None:
    query = '{ secrets { nodes { manifest data: fields(path: "data") key: fields(path: "data.key") } } }'

    answer = await ask(ObjectsSender("one", _objects))(query)

    (node,) = answer.to_builtins()["data"]["secrets"]["nodes"]
    assert (node["data"], node["key"], node["manifest"]["data"]) == ({"key": None}, None, {"key": None})
