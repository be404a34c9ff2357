"""The Prometheus of a generated cluster, behind the service proxy of its API server.

It recorded the usage of the pods and nodes that are there now, by the same functions of the time as their metrics. It
understands the queries of `usageOver` only: their grouping, their resources, and the names in their selectors.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

import msgspec

from demo.fleet.machines.workload import PlannedPod, Workload
from demo.fleet.usage import SYSTEM, Used, measured_pods, pod_usage
from demo.fleet.world import World
from k8s.prometheus.address import prometheus_address
from k8s.prometheus.rangequery import MOST_STEPS
from snapshots.serving.api import SnapshotApi
from snapshots.serving.content import Content
from snapshots.serving.index.index import in_slices
from snapshots.serving.request import ApiAnswer, ApiRequest

PROMETHEUS: Final = "service:monitoring/prometheus:http"
"""The address of the Prometheus of each cluster that has one."""

_PATH: Final = prometheus_address(PROMETHEUS).place.query_path
_GROUPING: Final = re.compile(r"label_replace\((?:sum|max)(?: by\((?P<labels>[a-z,]+)\))?\(")
_RESOURCE: Final = re.compile(r'"resource","(cpu|memory)","",""\)')
_NAMES: Final = re.compile(r'[{,](namespace|pod)=~"([-a-z0-9.*|()\[\]]+)"')
_UNITS: Final[Mapping[str, Callable[[Used], float]]] = {
    "cpu": lambda used: used.cpu_u / 1e6,
    "memory": lambda used: used.memory_kib * 1024.0,
}


@dataclass(frozen=True, slots=True)
class _RecordedQuery:
    """One query of `usageOver`.

    Attributes:
        labels: The labels of its series.
        resources: The resources of its series.
        names: Patterns of the namespaces and pods.
        times_s: The times of the points.
    """

    labels: tuple[str, ...]
    resources: tuple[str, ...]
    names: Mapping[str, str]
    times_s: range

    @classmethod
    def of(cls, request: ApiRequest) -> "_RecordedQuery | None":
        """Returns the query of a request; None for any other."""
        texts = dict(request.query)
        expression = texts.get("query", "")
        grouping = _GROUPING.match(expression)
        span = [texts.get(name, "") for name in ("start", "end", "step")]
        if grouping is None or not all(text.isdecimal() for text in span) or not int(span[2]):
            return None
        times_s = range(int(span[0]), int(span[1]) + 1, int(span[2]))
        labels = tuple((grouping["labels"] or "").split(",")) if grouping["labels"] else ()
        resources = tuple(dict.fromkeys(_RESOURCE.findall(expression)))
        return cls(labels, resources, dict(_NAMES.findall(expression)), times_s) if len(times_s) <= MOST_STEPS else None

    def selects(self, workload: Workload, pod: PlannedPod) -> bool:
        """Returns whether the query is about a pod."""
        names = {"namespace": workload.namespace, "pod": pod.name}
        return all(re.fullmatch(pattern, names[label]) for label, pattern in self.names.items())


class RecordedApi(SnapshotApi):
    """The API server of a cluster, with its Prometheus."""

    def __init__(self, content: Content, world: World, now_s: Callable[[], float]) -> None:
        """Takes the content, the cluster, and a function that returns the seconds since 1970."""
        super().__init__(content)
        self._world, self._now_s = world, now_s

    async def answer(self, request: ApiRequest) -> ApiAnswer:
        """Returns the response, for a query of usage that of Prometheus."""
        if request.path != _PATH or not self._world.profile.has_metrics:
            return await super().answer(request)
        query = _RecordedQuery.of(request)
        if query is None:
            refusal = {
                "status": "error",
                "errorType": "bad_data",
                "error": "the demo answers queries of usageOver only",
            }
            return ApiAnswer(400, (msgspec.json.encode(refusal),))
        result = [series async for series in in_slices(await self._series(query))]
        data = {"resultType": "matrix", "result": result}
        return ApiAnswer(200, (msgspec.json.encode({"status": "success", "data": data}),))

    async def _series(self, query: _RecordedQuery) -> Iterator[dict[str, object]]:
        sums: dict[tuple[str, ...], dict[int, Used]] = {}
        if "node" in query.labels or not query.labels:
            for machine, at_s in product(self._world.site.machines, query.times_s):
                if not machine.is_lost:
                    _add(sums, _key(query, {"node": machine.name}), at_s, SYSTEM)
        workloads = self._world.workloads(max(0.0, self._now_s() - self._world.site.start_s))
        pods = [(workload, pod) for workload, pod in measured_pods(workloads) if query.selects(workload, pod)]
        async for (workload, pod), at_s in in_slices(product(pods, query.times_s)):
            if at_s >= pod.created_s and pod.machine is not None:
                names = {"namespace": workload.namespace, "pod": pod.name, "node": pod.machine.name}
                for container, used in pod_usage(workload, pod, at_s).items():
                    _add(sums, _key(query, {**names, "container": container}), at_s, used)
        return _in_matrix(query, sums)


def _key(query: _RecordedQuery, labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(labels.get(label, "") for label in query.labels)


def _add(sums: dict[tuple[str, ...], dict[int, Used]], key: tuple[str, ...], at_s: int, used: Used) -> None:
    points = sums.setdefault(key, {})
    points[at_s] = points[at_s] + used if at_s in points else used


def _in_matrix(
    query: _RecordedQuery, sums: Mapping[tuple[str, ...], Mapping[int, Used]]
) -> Iterator[dict[str, object]]:
    for (key, points), resource in product(sums.items(), query.resources):
        metric = {"resource": resource, **{name: value for name, value in zip(query.labels, key, strict=True) if value}}
        yield {"metric": metric, "values": _values(points, _UNITS[resource])}


def _values(points: Mapping[int, Used], unit: Callable[[Used], float]) -> Iterable[tuple[int, str]]:
    return [(at_s, repr(unit(points[at_s]))) for at_s in sorted(points)]
