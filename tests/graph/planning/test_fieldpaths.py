"""Paths into the schema's types: their values, and the errors of unknown ones."""

import re

import pytest

from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import catalogue
from resolvers.errors import BadUserInput
from resolvers.filters.comparing import ValueType


@pytest.mark.parametrize(
    ("path", "value_type", "is_many"),
    [
        ("metadata.name", ValueType.TEXT, False),
        ("status.podIP", ValueType.ADDRESS, False),
        ("metadata.creationTimestamp", ValueType.TIME, False),
        ("spec.priority", ValueType.NUMBER, False),
        ("spec.hostNetwork", ValueType.BOOLEAN, False),
        ("spec.containers.image", ValueType.TEXT, True),
        ("spec.containers.args", ValueType.TEXT, True),
        ("spec.containers.resources.requests.cpu", ValueType.QUANTITY, True),
        ('spec.overhead["cpu"]', ValueType.QUANTITY, False),
        ('metadata.labels["app.kubernetes.io/name"]', ValueType.FREE_TEXT, False),
        ("metadata.labels", None, False),
        ("restarts", ValueType.NUMBER, False),
        ("node.ready", ValueType.BOOLEAN, False),
        ("node", None, False),
        ("node.status.nodeInfo.kubeletVersion", ValueType.VERSION, False),
        ("metadata.resourceVersion", ValueType.TEXT, False),
        ("deployment.replicas.ready", ValueType.NUMBER, False),
        ("deployment.pods.restarts", ValueType.NUMBER, True),
        ("cluster.name", ValueType.TEXT, False),
        ("owner.kind", ValueType.TEXT, False),
        ("kind", ValueType.TEXT, False),
    ],
)
def test_a_path_of_a_pod(path: str, value_type: ValueType | None, is_many: bool) -> None:
    found = FieldPaths(catalogue()).find("Pod", path)

    assert (found.value_type, found.is_many) == (value_type, is_many)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("spec.nodename", "PodSpec has no field nodename; did you mean spec.nodeName"),
        ("restart", "Pod has no field restart; did you mean restarts"),
        ("node.pods.nodes", "nodes is a field of connections, and paths lead to their objects; leave it out"),
        ("status.phase.x", "status.phase is a value; nothing is below it"),
        ('spec["containers"]', "spec is no map; its fields are reached with a dot"),
        ("", "'' is no path from character 1 on"),
        ("metadata..name", "'metadata..name' is no path from character 9 on"),
        ('metadata.labels["app', "is no path from character 16 on"),
        ("metadata.labels[app]", "is no path from character 16 on"),
        ('["app"]', "is no path from character 1 on"),
        ("a." * 300, "600 characters; a path has at most 500"),
        (".".join(["node.pods"] * 11), "22 steps; a path has at most 20"),
    ],
)
def test_a_path_that_leads_nowhere(path: str, message: str) -> None:
    with pytest.raises(BadUserInput, match=re.escape(message)):
        FieldPaths(catalogue()).find("Pod", path)
