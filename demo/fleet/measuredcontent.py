"""A cluster's content with metrics: those of its pods and nodes are made when they are read, as metrics-server does."""

from collections.abc import Callable
from typing import Final

from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest, manifest
from demo.fleet.moment import floored, stamp
from demo.fleet.usage import SYSTEM, Used, measured_pods, pod_usage
from demo.fleet.world import World
from k8s.kinds.kind import Kind
from k8s.kinds.metrics import METRICS, NODE_METRICS, POD_METRICS
from snapshots.serving.content import ObjectList
from snapshots.serving.index.index import in_slices
from snapshots.serving.index.item import item_bytes
from snapshots.serving.watching.live import LiveContent

_PERIOD_S: Final = 15.0
_WINDOW: Final = "15s"


class MeasuredContent(LiveContent):
    """The content of a generated cluster, with new metrics every 15 seconds."""

    def __init__(self, world: World, now_s: Callable[[], float]) -> None:
        """Takes a cluster at the start of the fleet, and a function that returns the seconds since 1970."""
        kinds = (*world.kinds, *(METRICS if world.profile.has_metrics else ()))
        super().__init__(
            world.objects(), version=world.profile.version, kinds=kinds, resource_version=world.resource_version
        )
        self._world, self._now_s = world, now_s
        self._metrics: dict[Kind, tuple[float, tuple[bytes, ...]]] = {}

    async def listed(self, kind: Kind) -> ObjectList:
        """Returns the current objects of a kind."""
        if kind not in METRICS:
            return await super().listed(kind)
        at_s = floored(self._now_s(), _PERIOD_S)
        if self._metrics.get(kind, (0.0, ()))[0] != at_s:
            self._metrics[kind] = at_s, await self._measured(kind, at_s)
        return ObjectList(self.resource_version, self._metrics[kind][1])

    async def _measured(self, kind: Kind, at_s: float) -> tuple[bytes, ...]:
        workloads = self._world.workloads(max(0.0, at_s - self._world.site.start_s))
        items = await (_pod_metrics if kind == POD_METRICS else self._node_metrics)(workloads, at_s)
        return tuple([item_bytes(kind, items[key]) async for key in in_slices(sorted(items))])

    async def _node_metrics(self, workloads: list[Workload], at_s: float) -> dict[str, Manifest]:
        nodes = {machine.name: SYSTEM for machine in self._world.site.machines if not machine.is_lost}
        async for workload, pod in in_slices(measured_pods(workloads)):
            if pod.machine is not None:
                for used in pod_usage(workload, pod, at_s).values():
                    nodes[pod.machine.name] += used
        return {name: _metrics(NODE_METRICS, {"name": name}, at_s, usage=_resources(nodes[name])) for name in nodes}


async def _pod_metrics(workloads: list[Workload], at_s: float) -> dict[str, Manifest]:
    items: dict[str, Manifest] = {}
    async for workload, pod in in_slices(measured_pods(workloads)):
        metadata: Manifest = {"name": pod.name, "namespace": workload.namespace, "labels": workload.labels()}
        containers = [
            {"name": name, "usage": _resources(used)} for name, used in pod_usage(workload, pod, at_s).items()
        ]
        items[f"{workload.namespace}/{pod.name}"] = _metrics(POD_METRICS, metadata, at_s, containers=containers)
    return items


def _metrics(kind: Kind, metadata: Manifest, at_s: float, **fields: object) -> Manifest:
    at = stamp(at_s)
    return manifest(
        kind.api_version,
        kind.name,
        metadata={**metadata, "creationTimestamp": at},
        timestamp=at,
        window=_WINDOW,
        **fields,
    )


def _resources(used: Used) -> Manifest:
    return {"cpu": f"{used.cpu_u * 1000}n", "memory": f"{used.memory_kib}Ki"}
