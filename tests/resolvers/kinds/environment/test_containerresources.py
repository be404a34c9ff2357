"""Requests and limits as variables. Expected texts are those of `ExtractContainerResourceValue` of Kubernetes 1.37."""

import pytest

from k8s.kinds.builtin import POD
from k8s.reading.rowdecoders import Row
from resolvers.kinds.environment.containerresources import Allocatable, container_resource
from resolvers.kinds.environment.reading import READS
from resolvers.kinds.environment.variables import Value
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.decoded import row

NODE: dict[str, str | None] = {"cpu": "3920m", "memory": "16Gi", "ephemeral-storage": "100G", "hugepages-2Mi": "1Gi"}


def _pod(selector: JsonObject, **spec: JsonValue) -> Row:
    resources: JsonObject = {"requests": {"cpu": "250m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    entry: JsonObject = {"name": "A", "valueFrom": {"resourceFieldRef": selector}}
    containers: list[JsonValue] = [{"name": "app", "env": [entry], "resources": resources}, {"name": "other"}]
    init: list[JsonValue] = [{"name": "init"}]
    return row(POD, *READS, spec={"containers": containers, "initContainers": init, "nodeName": "node-1", **spec})


def _value(pod: Row, node: Allocatable = NODE) -> Value:
    container = pod.spec.containers[0]
    return container_resource(pod, container, container.env[0].valueFrom.resourceFieldRef, allocatable=lambda _: node)


@pytest.mark.parametrize(
    ("resource", "divisor", "expected"),
    [
        ("requests.cpu", None, "1"),
        ("requests.cpu", "1m", "250"),
        ("requests.memory", "0", "67108864"),
        ("requests.memory", "1Mi", "64"),
        ("requests.memory", "1G", "1"),
        ("requests.ephemeral-storage", None, "0"),
        ("limits.memory", "1Ki", "131072"),
        ("limits.cpu", "1", "4"),
        ("limits.cpu", "1m", "3920"),
        ("limits.ephemeral-storage", "1G", "100"),
        ("limits.hugepages-2Mi", None, "0"),
    ],
)
def test_a_resource_is_a_whole_number_of_the_divisor(resource: str, divisor: str | None, expected: str) -> None:
    assert _value(_pod({"resource": resource, "divisor": divisor})).text == expected


def test_limits_of_the_pod_come_before_those_of_the_node() -> None:
    resources: JsonObject = {"limits": {"cpu": "2", "memory": "1Gi", "ephemeral-storage": "1G"}}

    cpu = _value(_pod({"resource": "limits.cpu"}, resources=resources))
    storage = _value(_pod({"resource": "limits.ephemeral-storage", "divisor": "1G"}, resources=resources))

    assert (cpu.text, cpu.source and cpu.source.kind) == ("2", "Pod")
    assert (storage.text, storage.source and storage.source.kind) == ("100", "Node")


@pytest.mark.parametrize(("name", "expected"), [("other", "4"), ("init", "0"), ("none", None)])
def test_other_containers_are_named(name: str, expected: str | None) -> None:
    value = _value(_pod({"resource": "limits.cpu", "containerName": name}))

    assert value.text == expected
    assert value.error == (None if expected else "container none not found")


@pytest.mark.parametrize(
    ("selector", "error"),
    [
        ({"resource": "limits.pods"}, "unsupported container resource : limits.pods"),
        ({"resource": "usage.cpu"}, "unsupported container resource : usage.cpu"),
        ({"resource": "requests.cpu", "divisor": "many"}, "The quantity is invalid."),
    ],
)
def test_invalid_references_have_an_error(selector: JsonObject, error: str) -> None:
    assert _value(_pod(selector)).error == error


@pytest.mark.parametrize(("node", "error"), [(None, 'nodes "node-1" not found'), ("forbidden", "forbidden")])
def test_an_unknown_node_leaves_the_limit_unknown(node: Allocatable, error: str) -> None:
    assert _value(_pod({"resource": "limits.cpu"}), node)[::2] == (None, error)
