"""`env` of containers: the objects that variables need are read for all containers at once.

The ConfigMaps that containers name are one list for each cluster, and so are the Secrets, of which only the keys are
decoded. Few are read by name. Nodes and Services are read only if a variable needs them: a limit that is the node's,
and a reference to the variable of a Service.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import LEAF
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.core.container import CONTAINERS, PodContainer, of_specs
from resolvers.kinds.environment.containerresources import MASKED_ALLOCATABLE, Allocatable
from resolvers.kinds.environment.making import VARIABLE_READS, EnvironmentMaker
from resolvers.kinds.environment.masks import masked_paths
from resolvers.kinds.environment.objects import Data, EnvironmentObjects, Services
from resolvers.kinds.environment.podfields import POD_FIELDS
from resolvers.kinds.environment.servicevariables import MASTER, SERVICE_READS, service_variables
from resolvers.kinds.environment.variables import EnvironmentSourceKind, EnvironmentVariable
from resolvers.links.absent import Absent, absent_of_masked
from resolvers.links.fetching import Fetch
from resolvers.links.joining import ObjectName
from resolvers.links.members import Family
from resolvers.links.partialvalue import PartialValue
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import unseen
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, stepped
from resolvers.together import together

READS: Final = (
    *of_specs("name", *VARIABLE_READS, "resources.limits", "resources.requests"),
    *POD_FIELDS,
    "spec.resources.limits",
    "spec.enableServiceLinks",
)
"""The paths of pods that their containers' variables are made of."""

_VARIABLE_BYTES: Final = 300
"""The memory of a variable with its source, estimated, without its value."""

ENVIRONMENTS: Final = Family(CONTAINERS.owner)

_MASKED: Final = absent_of_masked([kinds.POD.plural])

_Made = list[EnvironmentVariable] | PartialValue | None


@ENVIRONMENTS.remote(
    *READS,
    description="Its environment as the kubelet will make it: `envFrom` and `env` with the values of fields, resources "
    "and ConfigMaps, and `$(NAME)` replaced. Values of Secrets are null. One list of ConfigMaps and one of Secrets for "
    "each cluster, whatever the number of containers; nodes and Services only if a variable needs them. Null if the "
    "operator masks it.",
    returns=list[EnvironmentVariable] | None,
)
async def env(rows: Rows, operation: Operation) -> Sequence[_Made | Absent]:
    """Returns the variables of each container."""
    masked = masked_paths(operation.masking)
    if masked is None:
        return [_MASKED] * len(rows)
    reading = _Reading(operation, rows, masked)
    await reading.read_data()
    results: list[_Made] = [None] * len(rows)
    late = await reading.make(range(len(rows)), results)
    if late:
        await reading.read_more(late)
        await reading.make(late, results)
    return results


@dataclass(slots=True)
class _Reading:
    """The objects that the variables of some containers need, by cluster."""

    operation: Operation
    rows: Rows
    masked: frozenset[str]
    objects: dict[FleetCluster, EnvironmentObjects] = field(default_factory=dict)

    async def read_data(self) -> None:
        """Reads the ConfigMaps and Secrets that the containers name."""
        names: dict[Kind, dict[ObjectName, None]] = {kinds.CONFIG_MAP: {}, kinds.SECRET: {}}
        pace = Pace()
        for cluster, container in self.rows:
            self.objects.setdefault(cluster, EnvironmentObjects())
            namespace = container.pod.metadata.namespace
            for kind, name in _named(container):
                names[kind].setdefault((cluster, namespace, name or None))
            if perf_counter() > pace.until_s:  # a container may have many variables
                await pace.breathe()
        needed = {kind: [*places] for kind, places in names.items() if places}
        for cluster in self.objects if len(needed) > 1 else ():
            self.operation.add_requests(cluster, 1)
        parents = await self._pods(range(len(self.rows)))
        await together(*(self._read_data(kind, parents, places) for kind, places in needed.items()))

    async def make(self, indexes: Iterable[int], results: list[_Made]) -> list[int]:
        """Makes the variables of containers; returns those for which something was needed that was not read."""
        pace, late = Pace(), list[int]()
        for index in indexes:
            objects, container = self.objects[self.rows.clusters[index]], self.rows.rows[index]
            misses = objects.misses
            variables = await stepped(self._maker(container, objects).made(), pace)
            if objects.misses > misses:
                late.append(index)
                continue
            self.operation.memory.charge(sum(_VARIABLE_BYTES + len(one.value or "") for one in variables))
            errors = {objects.failures[one.error]: None for one in variables if one.error in objects.failures}
            is_partial = errors or any(map(_is_masked, variables))
            results[index] = PartialValue(variables, tuple(errors)) if is_partial else variables
            if perf_counter() > pace.until_s:
                await pace.breathe()
        return late

    async def read_more(self, indexes: Sequence[int]) -> None:
        """Reads the nodes and Services that were needed."""
        parents = await self._pods(indexes)
        await together(self._read_nodes(parents), self._read_services(parents))

    def _maker(self, container: PodContainer, objects: EnvironmentObjects) -> EnvironmentMaker:
        return EnvironmentMaker(container.pod, container.spec, objects, self.masked, self.operation.memory.charge)

    async def _pods(self, indexes: Iterable[int]) -> Rows:
        """Returns the pods of containers, each once."""
        pods: dict[int, int] = {}
        async for batch in batches(indexes):
            for index in batch:
                pods.setdefault(id(self.rows.rows[index].pod), index)
        return Rows(
            [self.rows.rows[index].pod for index in pods.values()],
            [self.rows.clusters[index] for index in pods.values()],
        )

    async def _read_data(self, kind: Kind, parents: Rows, places: Sequence[ObjectName]) -> None:
        fetch = Fetch(self.operation, parents, lambda _kind: LEAF)
        rows = await fetch.named_steps(kind, places, "data")
        reasons = await self._reasons(fetch, kind, places, rows)
        async for batch in batches(zip(places, rows, strict=True)):
            for (cluster, namespace, name), row in batch:
                objects = self.objects[cluster]
                known = objects.config_maps if kind is kinds.CONFIG_MAP else objects.secrets
                data: Data = (row.data or {}) if row is not None else reasons.get((cluster, namespace))
                known[namespace or "", name or ""] = data

    async def _read_nodes(self, parents: Rows) -> None:
        places = [(cluster, None, name) for cluster, one in self.objects.items() for name in sorted(one.needed_nodes)]
        if not places:
            return
        self._count({place[0] for place in places})
        fetch = Fetch(self.operation, parents, lambda _kind: LEAF)
        rows = await fetch.named_steps(kinds.NODE, places, "status.allocatable")
        reasons = await self._reasons(fetch, kinds.NODE, places, rows)
        is_masked = self.operation.masking.is_masked(kinds.NODE, ("status", "allocatable"))
        for (cluster, namespace, name), row in zip(places, rows, strict=True):
            known: Allocatable = reasons.get((cluster, namespace))
            self.objects[cluster].allocatable[name] = (
                _allocatable(row, is_masked=is_masked) if row is not None else known
            )

    async def _read_services(self, parents: Rows) -> None:
        needing = [cluster for cluster, one in self.objects.items() if one.needed_services]
        if needing:
            self._count((*needing, *needing))
            await together(self._read_masters(parents, needing), self._read_linked(parents, needing))

    async def _read_masters(self, parents: Rows, needing: Sequence[FleetCluster]) -> None:
        fetch = Fetch(self.operation, parents, lambda _kind: LEAF)
        places: list[ObjectName] = [(cluster, *MASTER) for cluster in needing]
        masters = await fetch.named_steps(kinds.SERVICE, places, *SERVICE_READS)
        reasons = await self._reasons(fetch, kinds.SERVICE, places, masters)
        for (cluster, namespace, _), master in zip(places, masters, strict=True):
            known = await _variables([master] if master is not None else [])
            self.objects[cluster].services[None] = known or reasons.get((cluster, namespace), known)

    async def _read_linked(self, parents: Rows, needing: Sequence[FleetCluster]) -> None:
        fetch = Fetch(self.operation, parents, lambda _kind: LEAF)
        services: dict[tuple[FleetCluster, str | None], list[Row]] = {}
        async for batch in batches(await fetch.children(kinds.SERVICE, *SERVICE_READS)):
            for cluster, row in batch:
                services.setdefault((cluster, row.metadata.namespace), []).append(row)
        homes = [(cluster, one) for cluster in needing for one in self.objects[cluster].needed_services - {None}]
        places: list[ObjectName] = [(*home, None) for home in homes]
        reasons = await self._reasons(fetch, kinds.SERVICE, places, [None] * len(places))
        for cluster, namespace in homes:
            known = await _variables(services.get((cluster, namespace), []))
            self.objects[cluster].services[namespace] = known or reasons.get((cluster, namespace), known)

    async def _reasons(
        self, fetch: Fetch, kind: Kind, places: Sequence[ObjectName], rows: Sequence[Row | None]
    ) -> dict[tuple[FleetCluster, str | None], str]:
        """Returns the reasons for not knowing objects that were not found, one text for each cluster."""
        missing: dict[FleetCluster, set[str | None]] = {}
        async for batch in batches(zip(places, rows, strict=True)):
            for (cluster, namespace, _), row in batch:
                if row is None and (cluster in fetch.failures or fetch.hides(cluster, kind, namespace)):
                    missing.setdefault(cluster, set()).add(namespace)
        reasons: dict[tuple[FleetCluster, str | None], str] = {}
        for cluster, namespaces in missing.items():
            hidden = sorted(namespace for namespace in namespaces if namespace is not None)
            text = self.objects[cluster].failed(fetch.failures.get(cluster) or unseen(cluster, kind, *hidden))
            reasons |= {(cluster, namespace): text for namespace in namespaces}
        return reasons

    def _count(self, clusters: Iterable[FleetCluster]) -> None:
        for cluster in clusters:
            self.operation.add_requests(cluster, 1)


def _is_masked(variable: EnvironmentVariable) -> bool:
    """Returns whether the operator masks the value; those of Secrets are null in any case."""
    is_null = variable.value is None and variable.error is None
    return is_null and (variable.source is None or variable.source.kind is not EnvironmentSourceKind.Secret)


def _named(container: PodContainer) -> Iterable[tuple[Kind, str | None]]:
    """Yields the ConfigMaps and Secrets that a container's variables name."""
    for one in container.spec.envFrom or ():
        if one.configMapRef is not None:
            yield kinds.CONFIG_MAP, one.configMapRef.name
        elif one.secretRef is not None:
            yield kinds.SECRET, one.secretRef.name
    for one in container.spec.env or ():
        source = None if one.value else one.valueFrom
        if source is None or source.fieldRef is not None or source.resourceFieldRef is not None:
            continue
        if source.configMapKeyRef is not None:
            yield kinds.CONFIG_MAP, source.configMapKeyRef.name
        elif source.secretKeyRef is not None:
            yield kinds.SECRET, source.secretKeyRef.name


def _allocatable(node: Row, *, is_masked: bool) -> Allocatable:
    return MASKED_ALLOCATABLE if is_masked else (node.status.allocatable if node.status else None) or {}


async def _variables(services: Sequence[Row]) -> Services:
    variables: dict[str, str] = {}
    async for batch in batches(service_variables(services)):
        variables.update(batch)
    return variables
