"""Flows: one identity, one verb and one kind share a circuit breaker and pauses."""

import pytest

from k8s.resilience.flow import Flow, flow_of
from k8s.transport.call import Call
from k8s.transport.path import ApiPath

TOKEN = "/api/v1/namespaces/fleetgraph/serviceaccounts/a/token"


@pytest.mark.parametrize(
    ("verb", "path", "flow"),
    [
        ("list", "/api/v1/pods", Flow("alice", "list", "pods")),
        ("list", "/api/v1/namespaces/x/pods", Flow("alice", "list", "pods")),
        ("get", "/apis/apps/v1/namespaces/x/deployments/web", Flow("alice", "get", "deployments.apps")),
        ("create", TOKEN, Flow("alice", "create", "serviceaccounts/token", "fleetgraph/a")),
        ("delete", "/api/v1/namespaces/x/pods/web", Flow("alice", "delete", "pods", "x/web")),
        ("create", "/api/v1/namespaces/x/pods", Flow("alice", "create", "pods", "x/")),
        ("create", "/api/v1/namespaces/x/pods/web/eviction", Flow("alice", "create", "pods/eviction", "x/web")),
        ("create", "/api/v1/nodes", Flow("alice", "create", "nodes")),
        ("get", "/version", Flow("alice", "get", "/version")),
        ("get", "/apis", Flow("alice", "get", "/apis")),
    ],
)
def test_a_call_is_of_a_flow(verb: str, path: str, flow: Flow) -> None:
    assert flow_of(Call(ApiPath(path), verb, "something"), "alice") == flow
