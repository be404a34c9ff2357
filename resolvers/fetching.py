"""What a link reads with."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from k8s.decoding import Row
from k8s.errors import ClusterError
from k8s.kind import Kind
from k8s.kinds import NAMESPACE
from k8s.selection import LEAF, Selection, SelectionBuilder
from resolvers.arguments import EVERYTHING, ListArguments
from resolvers.cluster import FleetCluster
from resolvers.lists import ClusterAnswer, FleetAnswer, ListQuestion, ask
from resolvers.operation import Operation
from resolvers.pacing import mapped, taken
from resolvers.reading import unseen
from resolvers.rows import Rows
from resolvers.scope import Scope

ObjectName = tuple[FleetCluster, str | None, str | None]
"""Cluster, namespace and name; a name of None means no object."""


@dataclass(slots=True)
class Fetch:
    """Reads for one link of one level: all its parents at once.

    Attributes:
        operation: what the whole GraphQL operation shares.
        parents: the objects that the link starts from.
        selection: what the query needs of the children, by kind.
        arguments: of the link field.
        counts_only: whether the query wants only how many children there are.
        answers: what each cluster said to `children` or `listed`, for the envelope.
        failures: clusters that failed, filled as it goes; their parents' entries become errors.
        partial: what was listed in some namespaces of a cluster only, and in which.
    """

    operation: Operation
    parents: Rows
    selection: Callable[[Kind], Selection]
    arguments: ListArguments = EVERYTHING
    counts_only: bool = False
    answers: dict[FleetCluster, ClusterAnswer] = field(default_factory=dict)
    failures: dict[FleetCluster, ClusterError] = field(default_factory=dict)
    partial: list[tuple[FleetCluster, Kind, Scope]] = field(default_factory=list)

    async def children(self, kind: Kind, *reads: str) -> Rows:
        """The objects of a kind in the parents' clusters, with what the query and the paths `reads` need of them.

        One request per cluster. Where all parents of the fleet live in one namespace, only that one is read.
        """
        return await self._read(kind, self.selection(kind), reads, self.arguments)

    async def listed(
        self, kind: Kind, *, namespaces: tuple[str, ...] | None, within: tuple[str, ...] | None = None
    ) -> FleetAnswer:
        """The parents' clusters' lists of a kind, by the link's own arguments.

        Where only counts are wanted the answers have no rows. `within` names the namespaces that matter alone, where
        these lists must be read namespace by namespace.
        """
        selection = None if self.counts_only else self.selection(kind)
        arguments = replace(self.arguments, namespaces=namespaces, clusters=EVERYTHING.clusters)
        clusters = self.parents.distinct_clusters()
        question = ListQuestion(kind, selection, arguments, within=within)
        return self._noted(kind, await ask(self.operation, question, clusters))

    async def steps(self, kind: Kind, *reads: str) -> Rows:
        """Objects on the way to the children, of which only the paths `reads` are needed."""
        return await self._read(kind, LEAF, reads, EVERYTHING)

    async def _read(self, kind: Kind, selection: Selection, reads: Iterable[str], arguments: ListArguments) -> Rows:
        builder = SelectionBuilder()
        builder.update(selection)
        for path in reads:
            builder.add(path)
        clusters = [cluster for cluster in self.parents.distinct_clusters() if cluster not in self.failures]
        homes = self._homes() if kind.namespaced else None
        narrowed = ListArguments(
            namespaces=homes if homes is not None and len(homes) == 1 else None,
            label_selector=arguments.label_selector,
            field_selector=arguments.field_selector,
        )
        question = ListQuestion(kind, builder.freeze(), narrowed, within=homes)
        answer = await ask(self.operation, question, clusters)
        return self._noted(kind, answer).rows()

    def hidden(self) -> Mapping[int, ClusterError]:
        """The parents, by index, of which it cannot be told what they lead to, and why: all that is in their namespace.

        Those of clusters that failed are not among them.
        """
        found: dict[int, ClusterError] = {}
        for cluster, kind, scope in self.partial:
            for index, (where, row) in enumerate(self.parents):
                home = home_namespace(row)
                if where is cluster and home is not None and scope.hides(home):
                    found.setdefault(index, unseen(cluster, kind, home))
        return found

    def _noted(self, kind: Kind, answer: FleetAnswer) -> FleetAnswer:
        self.partial += [(each.cluster, kind, each.scope) for each in answer.answers if each.scope.is_partial]
        self.answers.update({each.cluster: each for each in answer.answers})
        self.failures.update({failed.cluster: failed.error for failed in answer.failures if failed.error})
        return answer

    def _homes(self) -> tuple[str, ...] | None:
        """The namespaces in which everything is that the parents lead to; None for all."""
        homes = {getattr(getattr(row, "metadata", None), "namespace", None) for row in self.parents.rows}
        return None if None in homes else tuple(sorted(map(str, homes)))


def home_namespace(row: Row) -> str | None:
    """The namespace in which everything is that an object leads to; None for objects of the whole cluster."""
    metadata = getattr(row, "metadata", None)
    if type(row).__name__ == NAMESPACE.name:
        return str(metadata.name)  # type: ignore[union-attr]  # every object has its identity
    return getattr(metadata, "namespace", None)


async def by_name(children: Rows, names: Iterable[ObjectName]) -> list[Row | None]:
    """For each name its object, or None."""
    keys = await taken(
        (cluster, getattr(row.metadata, "namespace", None), row.metadata.name) for cluster, row in children
    )
    found = dict(zip(keys, children.rows, strict=True))
    return await taken(map(found.get, names))


async def grouped(
    children: Rows, key: Callable[[Row], Iterable[str | None]]
) -> dict[tuple[FleetCluster, str], list[Row]]:
    """Children by cluster and each key that `key` gives for them."""
    groups: dict[tuple[FleetCluster, str], list[Row]] = {}
    keys = await mapped(key, children.rows)
    for (cluster, row), values in zip(children, keys, strict=True):
        for value in values:
            if value is not None:
                groups.setdefault((cluster, value), []).append(row)
    return groups


def owner_uid(row: Row) -> str | None:
    """The uid of an object's controller; reads `metadata.ownerReferences.{uid,controller}`."""
    for reference in row.metadata.ownerReferences or ():
        if reference.controller:
            return str(reference.uid)
    return None
