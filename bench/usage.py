"""Usage of 5,000 pods, compared with the list without: metrics of an aggregated API behind the API server."""

import asyncio
from collections.abc import Callable
from time import monotonic, sleep
from typing import Final

from bench.asking import Asked
from bench.measure import interleaved
from bench.queries import PLAIN, USED
from bench.replay import fleet_of
from bench.report import Line, at_most
from k8s.kinds import builtin as kinds
from k8s.kinds.metrics import METRICS_GROUP, POD_METRICS
from k8s.kubeconfig.kubeconfig import KubeconfigContext
from k8s.reading.listing import ListRequest
from k8s.reading.reader import ClusterReader
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import selection_of
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from resolvers.fleet.fleet import Fleet
from resolvers.operation.explanation import Explanation
from tests.controlplane.aggregated import AggregatedApi, AggregatedKind
from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.cluster import Cluster
from tests.controlplane.http_call import is_there
from tests.controlplane.json_object import JsonObject

_MEASURED_AT: Final = "2026-11-30T14:21:48Z"
_PATH: Final = f"/apis/{METRICS_GROUP}/{POD_METRICS.version}/pods"
_OBJECTS: Final = 10_000


async def usage_lines(cluster: Cluster, context: KubeconfigContext, rounds: int) -> list[Line]:
    """Measures the list of pods with and without their usage."""
    connection = Connection("one", context.endpoint, credential=context.credential)
    metrics = [_metrics(row, number) for number, row in enumerate(await _pods(connection))]
    kind = AggregatedKind(POD_METRICS.name, POD_METRICS.plural, metrics)
    authority = CertificateAuthority.create("metrics")
    with AggregatedApi(METRICS_GROUP, [kind], authority, version=POD_METRICS.version) as api:
        api.register(cluster)
        try:
            await asyncio.to_thread(_wait_until, lambda: is_there(cluster, _PATH))
            return await _compared(fleet_of([connection]), rounds)
        finally:
            api.unregister(cluster)
            await connection.close()


async def _compared(fleet: Fleet, rounds: int) -> list[Line]:
    answer = Asked(fleet).answer
    body, explanation = await answer(USED), Explanation()
    await answer(USED, explanation)
    if b'"usage":null' in body:
        raise RuntimeError("a pod has no usage")
    seconds = await interleaved({"plain": lambda: answer(PLAIN), "used": lambda: answer(USED)}, rounds=rounds)
    lists = [request for request in explanation.requests if METRICS_GROUP in request.path]
    return [
        Line("10 plain fields and the usage of 5,000 pods", f"{seconds['used'] * 1000:.0f} ms"),
        at_most("… ÷ the 10 plain fields", seconds["used"] / seconds["plain"], 1.2, decimals=2),
        at_most("usage of 5,000 pods: requests more", len(lists), 1, decimals=0),
    ]


async def _pods(connection: Connection) -> list[Row]:
    selection = selection_of(("metadata.name", "metadata.namespace", "spec.containers.name"))
    pods: list[Row] = []
    pages = ClusterReader(connection).pages(
        ListRequest(kinds.POD, kinds.POD.name, selection), deadline=Deadline(60), limit=_OBJECTS
    )
    async for page in pages:
        pods += page.rows
    return pods


def _metrics(pod: Row, number: int) -> JsonObject:
    name, namespace = pod.metadata.name, pod.metadata.namespace
    metadata: JsonObject = {"name": name, "namespace": namespace, "creationTimestamp": _MEASURED_AT}
    usage: JsonObject = {"cpu": f"{3_511_876 + 7919 * number}n", "memory": f"{15_432 + 13 * number}Ki"}
    return {
        "metadata": metadata,
        "timestamp": _MEASURED_AT,
        "window": f"{15 + number % 5000 / 1000:.3f}s",
        "containers": [{"name": container.name, "usage": usage} for container in pod.spec.containers],
    }


def _wait_until(is_true: Callable[[], bool], timeout_s: float = 60.0) -> None:
    until_s = monotonic() + timeout_s
    while not is_true():
        if monotonic() > until_s:
            raise RuntimeError("the metrics are not there")
        sleep(0.1)
