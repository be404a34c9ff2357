"""Fields of pods as variables. The expected texts are those of `ExtractFieldPathAsString` of Kubernetes 1.37."""

import pytest

from k8s.kinds.builtin import POD
from k8s.reading.rowdecoders import Row
from resolvers.kinds.environment.podfields import POD_FIELDS, pod_field
from resolvers.kinds.environment.reading import READS
from tests.controlplane.json_object import JsonObject
from tests.resolvers.decoded import row

STATUS: JsonObject = {
    "hostIP": "10.0.0.1",
    "hostIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}],
    "podIP": "10.1.0.1",
    "podIPs": [{"ip": "10.1.0.1"}, {"ip": "fd01::1"}],
}


def _pod(path: str, version: str = "v1", status: "JsonObject | None" = None, node: str = "node-1") -> Row:
    entry: JsonObject = {"name": "A", "valueFrom": {"fieldRef": {"apiVersion": version, "fieldPath": path}}}
    metadata: JsonObject = {
        "uid": "u-1",
        "labels": {"b/c": "2", "a": '1"\n'},
        "annotations": {"a'b": "quoted", "x": "\u00adé\x7f"},
    }
    spec: JsonObject = {"containers": [{"env": [entry]}], "nodeName": node, "serviceAccountName": "robot"}
    return row(POD, *READS, metadata=metadata, spec=spec, status=STATUS if status is None else status)


def _value(pod: Row, masked: frozenset[str] = frozenset()) -> tuple[str | None, str | None]:
    value = pod_field(pod, pod.spec.containers[0].env[0].valueFrom.fieldRef, masked=masked)
    return value.text, value.error


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("metadata.name", "web"),
        ("metadata.namespace", "shop"),
        ("metadata.uid", "u-1"),
        ("metadata.labels['b/c']", "2"),
        ("metadata.labels['none']", ""),
        ("metadata.labels", 'a="1\\"\\n"\nb/c="2"'),
        ("metadata.annotations['a'b']", "quoted"),
        ("metadata.annotations", 'a\'b="quoted"\nx="\\u00adé\\x7f"'),
        ("spec.nodeName", "node-1"),
        ("spec.host", "node-1"),
        ("spec.serviceAccountName", "robot"),
        ("status.hostIP", "10.0.0.1"),
        ("status.hostIPs", "10.0.0.1,fd00::1"),
        ("status.podIP", "10.1.0.1"),
        ("status.podIPs", "10.1.0.1,fd01::1"),
    ],
)
def test_a_field_has_the_kubelets_text(path: str, expected: str) -> None:
    assert _value(_pod(path)) == (expected, None)


@pytest.mark.parametrize(
    ("path", "version", "expected"),
    [
        ("spec.restartPolicy", "v1", "unsupported fieldPath: spec.restartPolicy"),
        ("metadata.name['x']", "v1", "field label does not support subscript: metadata.name['x']"),
        ("metadata.name", "v2", "unsupported pod version: v2"),
    ],
)
def test_other_fields_are_refused(path: str, version: str, expected: str) -> None:
    assert _value(_pod(path, version)) == (None, expected)


@pytest.mark.parametrize("field", ["spec.nodeName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"])
def test_what_a_pod_gets_later_is_unknown_before(field: str) -> None:
    text, error = _value(_pod(field, status={}, node=""))
    assert (text, error) == (None, f"{field} is unknown until the pod runs on a node.")


@pytest.mark.parametrize("field", ["metadata.annotations", "spec.nodeName", "status.podIP"])
def test_masked_fields_have_no_value(field: str) -> None:
    assert field in POD_FIELDS
    assert _value(_pod(field), frozenset({field})) == (None, None)
