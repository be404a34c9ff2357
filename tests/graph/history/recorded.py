"""A Prometheus in memory, and clusters that have one."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

import msgspec

from graph.engine import Engine
from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.kinds.metrics import NODE_METRICS, POD_METRICS
from k8s.masking.masking import STANDARD, Masking
from k8s.prometheus.prometheus import Prometheus
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from resolvers.fleet.fleet import Fleet
from tests.graph.fleets import Asking, Clusters, cluster_of
from tests.graph.usage.measured import NAMESPACES

DIRECT = "http://prometheus.example.com:9090"
SERVICE = "service:monitoring/prometheus:9090"
EVERYWHERE = {POD_METRICS: ("", *NAMESPACES), NODE_METRICS: ("",)}
"""The rights to see the usage of everything."""

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubject"


@dataclass
class Reviewed:
    """A cluster that tells callers whether they may list metrics.

    Attributes:
        sender: answers everything else.
        visible: the namespaces in which a kind of metrics may be listed; empty for the whole cluster.
    """

    sender: Sender
    visible: Mapping[Kind, Collection[str]]

    @property
    def name(self) -> str:
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        if not call.path.startswith(_REVIEWS):
            return await self.sender.send(call, deadline, on_prefix=on_prefix)
        if call.path.endswith("rulesreviews"):
            return b'{"status": {"resourceRules": [], "nonResourceRules": [], "incomplete": true}}'
        asked = msgspec.json.decode(call.body or b"")["spec"]["resourceAttributes"]
        kind = next(kind for kind in self.visible if (kind.group, kind.plural) == (asked["group"], asked["resource"]))
        allowed = asked["verb"] == "list" and asked.get("namespace", "") in self.visible[kind]
        return msgspec.json.encode({"status": {"allowed": allowed}})


@dataclass(frozen=True)
class Series:
    """A series of the answer: its labels, and its value at each step; None leaves a step out."""

    labels: Mapping[str, str]
    value: Callable[[int], float | str | None]


@dataclass
class Recorded:
    """A Prometheus that answers every query with the series of the resources that it asks for.

    Attributes:
        name: the name of its cluster.
        series: the series.
        error: raised instead of an answer.
        answer: sent instead of series.
        warnings: sent with series.
    """

    name: str
    series: Sequence[Series] = ()
    error: ClusterError | None = None
    answer: bytes | None = None
    warnings: Sequence[str] = ()
    calls: list[Call] = field(default_factory=list)
    deadlines: list[float] = field(default_factory=list)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.calls.append(call)
        self.deadlines.append(deadline.timeout_s)
        if self.error is not None:
            raise self.error
        if self.answer is not None:
            return self.answer
        query = dict(call.query)
        times = range(int(query["start"]), int(query["end"]) + 1, int(query["step"]))
        asked = set(re.findall(r'"resource","(\w+)"', query["query"]))
        result = [
            {
                "metric": one.labels,
                "values": [[t, str(v)] for n, t in enumerate(times) if (v := one.value(n)) is not None],
            }
            for one in self.series
            if one.labels["resource"] in asked
        ]
        data = {"resultType": "matrix", "result": result}
        return msgspec.json.encode({"status": "success", "data": data, "warnings": self.warnings})

    @property
    def queries(self) -> list[str]:
        """The expressions that were asked for."""
        return [dict(call.query)["query"] for call in self.calls]


def pod_series(*pods: tuple[str, str], **labels: str) -> list[Series]:
    """Returns series of pods by namespace and name: at each step n of 0, 1, ... n cores, and 1024 bytes more."""
    return [
        Series({"namespace": namespace, "pod": pod, "resource": resource, **labels}, value)
        for namespace, pod in pods
        for resource, value in (("cpu", cpu), ("memory", memory))
    ]


def cpu(step: int) -> float:
    return step / 4


def memory(step: int) -> float:
    return 1024.0 * (step + 1)


def fleet(
    *clusters: tuple[Sender, Recorded | None],
    address: str = DIRECT,
    visible: Mapping[Kind, Collection[str]] = EVERYWHERE,
    masking: Masking = STANDARD,
    taken_at: datetime | None = None,
) -> Fleet:
    """Returns a fleet of clusters with a Prometheus, or None; callers may see the usage of `visible`."""
    known = []
    for sender, recorded in clusters:
        cluster = cluster_of(Reviewed(sender, visible), masking)
        prometheus = None if recorded is None else Prometheus(recorded, address)
        known.append(replace(cluster, prometheus=prometheus, taken_at=taken_at))
    return cast(Fleet, Clusters(tuple(sorted(known, key=lambda one: one.name)), masking=masking))


def asking(engine: Engine, *clusters: tuple[Sender, Recorded | None], **options: Any) -> Asking:
    """Returns a function that asks a fleet; see `fleet`."""
    return Asking(engine, fleet(*clusters, **options), masking=options.get("masking", STANDARD))
