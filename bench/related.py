"""Links and derived fields of 5,000 pods, compared with their plain fields."""

from collections.abc import Iterator
from typing import Final

from bench.asking import Asked
from bench.fleet import SIZE
from bench.measure import interleaved
from bench.queries import PLAIN, RELATED
from bench.replay import fleet_of
from bench.report import Line, at_most
from k8s.kubeconfig.kubeconfig import KubeconfigContext
from k8s.transport.connection import Connection
from server.serve.gcthresholds import settle_memory
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.objects import generate
from tests.controlplane.writer import create_objects

_INSTANCE: Final = "app.kubernetes.io/instance"


async def related_lines(cluster: Cluster, context: KubeconfigContext, rounds: int) -> list[Line]:
    """Measures pods with 5 links and 10 derived fields: services, policies and budgets of each workload are there."""
    await create_objects(cluster, _objects())
    connection = Connection("one", context.endpoint, credential=context.credential)
    answer = Asked(fleet_of([connection])).answer

    settle_memory()  # as in the server: else whole collections fall into the longer case, of whatever ran before
    try:
        body = await answer(RELATED)
        if b'"services":{"nodes":[]' in body or b'"podDisruptionBudgets":{"nodes":[]' in body:
            raise RuntimeError("a pod has no service, or no budget")
        seconds = await interleaved({"plain": lambda: answer(PLAIN), "related": lambda: answer(RELATED)}, rounds=rounds)
    finally:
        await connection.close()
    return [
        Line("5 links and 10 derived fields of 5,000 pods", f"{seconds['related'] * 1000:.0f} ms"),
        at_most("… ÷ the 10 plain fields", seconds["related"] / seconds["plain"], 2, decimals=2),
    ]


def _objects() -> Iterator[JsonObject]:
    """Yields a service and a budget for each deployment, and a policy for each namespace."""
    metadata = [one["metadata"] for one in generate(SIZE) if one["kind"] == "Deployment"]
    places = [(str(one["namespace"]), str(one["name"])) for one in metadata if isinstance(one, dict)]
    namespaces = sorted({namespace for namespace, _name in places})
    for namespace, name in places:
        spec: JsonObject = {"selector": {_INSTANCE: name}, "ports": [{"port": 80}], "clusterIP": "None"}
        yield _object("v1", "Service", namespace, name, spec)
    for namespace, name in places:
        selector: JsonObject = {"matchLabels": {_INSTANCE: name}}
        yield _object("policy/v1", "PodDisruptionBudget", namespace, name, {"maxUnavailable": 1, "selector": selector})
    for namespace in namespaces:
        yield _object("networking.k8s.io/v1", "NetworkPolicy", namespace, "all", {"podSelector": {}})


def _object(api_version: str, kind: str, namespace: str, name: str, spec: JsonObject) -> JsonObject:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"namespace": namespace, "name": name}, "spec": spec}
