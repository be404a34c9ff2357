"""`Fetch`: the reads of one link, for all its parents at once."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Final

from msgspec.json import encode

from k8s.errors import ClusterError, Forbidden
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row, object_decoder
from k8s.reading.selection import LEAF, Selection
from resolvers.arguments.listarguments import EVERYTHING, FEW, ListArguments
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import Scope
from resolvers.links.absent import Absent, absent_if_masked
from resolvers.links.hidden import Named, Partial, hidden_parents
from resolvers.links.joining import ObjectName, by_name, is_selectable
from resolvers.lists.clusteranswer import ClusterAnswer, rows_of
from resolvers.lists.fanout import ask
from resolvers.lists.question import ListQuestion, with_identity, with_paths
from resolvers.lists.rows import Rows
from resolvers.names import type_name
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected
from resolvers.together import both, together

_NAMESPACE: Final = attrgetter("metadata.namespace")


@dataclass(slots=True)
class Fetch:
    """Reads for one link of one level: all its parents at once.

    Attributes:
        operation: the GraphQL operation.
        parents: the objects from which the link starts.
        selection: the fields of the children that the query needs, by kind.
        arguments: the arguments of the link field.
        counts_only: true if the query needs only the numbers of children.
        kind: the kind of a connection's objects; None for other links.
        answers: the last answer of each cluster for that kind, or for another one if it has none; for the envelope.
        failures: errors of clusters so far; their parents' entries become errors.
        partial: lists that the identity may read in some namespaces only, with their scopes.
        hidden_names: of kinds that were read by name: the namespaces of names that the identity may not list.
        unread: the indexes of parents that name an object which the identity may not read.
        is_across_namespaces: whether children may be in other namespaces than their parents.
        absents: kinds of which the operator masks paths that the link reads; all entries are unknown then.
    """

    operation: Operation
    parents: Rows
    selection: Callable[[Kind], Selection]
    arguments: ListArguments = EVERYTHING
    counts_only: bool = False
    kind: Kind | None = None
    answers: dict[FleetCluster, ClusterAnswer] = field(default_factory=dict)
    failures: dict[FleetCluster, ClusterError] = field(default_factory=dict)
    partial: list[Partial] = field(default_factory=list)
    hidden_names: Named = field(default_factory=dict)
    unread: set[int] = field(default_factory=set)
    is_across_namespaces: bool = False
    absents: dict[Kind, Absent] = field(default_factory=dict)
    _scopes: dict[tuple[FleetCluster, Kind], list[Scope]] = field(default_factory=dict, init=False)
    _indexed: int = field(default=0, init=False)

    async def children(self, kind: Kind, *reads: str) -> Rows:
        """Reads the objects of a kind in the parents' clusters, with the fields of the query and the paths `reads`.

        One request per cluster. If all parents of the fleet are in one namespace, only that one is read.
        """
        return await self._read(kind, self.selection(kind), reads, self.arguments)

    async def listed(
        self, kind: Kind, *, namespaces: tuple[str, ...] | None, within: tuple[str, ...] | None = None
    ) -> Sequence[ClusterAnswer]:
        """The parents' clusters' lists of a kind, by the link's own arguments.

        With `counts_only` without rows. If namespaces must be read one by one, only those `within` are read.
        """
        selection = None if self.counts_only else self.selection(kind)
        arguments = replace(self.arguments, namespaces=namespaces, clusters=EVERYTHING.clusters)
        question = ListQuestion(kind, selection, arguments, within=within)
        return self._recorded(kind, await ask(self.operation, question, self.parents.distinct_clusters()))

    async def steps(self, kind: Kind, *reads: str) -> Rows:
        """Reads objects on the way to the children, with the paths `reads` only."""
        return await self._read(kind, LEAF, reads, EVERYTHING)

    async def named(self, kind: Kind, names: Sequence[ObjectName], *reads: str) -> Sequence[Row | None]:
        """Reads the children by name and returns one for each parent; None if it does not exist or is not chosen.

        Few are read by name, a request each; for many, or with arguments, their clusters' lists are read.
        """
        if self.arguments.chooses_objects:
            return await by_name(await self.children(kind, *reads), names)
        return await self._named(kind, names, self._with(kind, self.selection(kind), reads))

    async def named_steps(self, kind: Kind, names: Sequence[ObjectName], *reads: str) -> Sequence[Row | None]:
        """Reads objects on the way to the children by name, as `named` does."""
        return await self._named(kind, names, self._with(kind, LEAF, reads))

    async def without_request(self, kind: Kind, names: Sequence[ObjectName]) -> Sequence[Row | None] | None:
        """Returns children without a request if the query needs only their names; else None."""
        selection = with_identity(self.selection(kind), kind)
        if selection.keys != ("metadata",) or not set(selection.below("metadata").keys) <= {"name", "namespace"}:
            return None
        structures = self.operation.kinds.structures
        decoders = {
            cluster: object_decoder(type_name(kind), selection, cluster.versions.known(kind), structures)
            for cluster in self.parents.distinct_clusters()
        }
        rows: dict[ObjectName, Row] = {}
        async for batch in batches(names):
            for place in batch:
                cluster, namespace, name = place
                if name is not None and place not in rows:
                    body = encode({"metadata": {"namespace": namespace, "name": name}})
                    rows[place] = decoders[cluster].decode(body)
        return await collected(map(rows.get, names))

    async def selected(
        self, kind: Kind, selectors: Sequence[str], *reads: str, namespaces: Sequence[str | None]
    ) -> Sequence[Sequence[Row]]:
        """Reads, for each parent, the objects that match its field selector: a request each, so for few parents."""
        selection = self._with(kind, self.selection(kind), reads)
        return await together(
            *(
                self._listed_apart(cluster, kind, selection, self._narrowed(namespace, selector))
                for cluster, namespace, selector in zip(self.parents.clusters, namespaces, selectors, strict=True)
            )
        )

    @property
    def has_few_parents(self) -> bool:
        """True if each cluster has so few parents that a request for each is cheaper than a list for all."""
        most = max(Counter(self.parents.clusters).values(), default=0)
        return self.operation.changed is None and len(self.parents) <= FEW * 20 and most <= FEW

    async def _read(self, kind: Kind, selection: Selection, reads: Iterable[str], arguments: ListArguments) -> Rows:
        clusters = [cluster for cluster in self.parents.distinct_clusters() if cluster not in self.failures]
        return await self._list(kind, self._with(kind, selection, reads), arguments, clusters)

    def _with(self, kind: Kind, selection: Selection, reads: Iterable[str]) -> Selection:
        """Returns a selection with the paths that the link reads; notes if the operator masks one of them."""
        if (absent := absent_if_masked(self.operation.masking, [(kind, reads)])) is not None:
            self.absents[kind] = absent
        return with_paths(selection, reads)

    async def _list(
        self, kind: Kind, selection: Selection, arguments: ListArguments, clusters: Sequence[FleetCluster]
    ) -> Rows:
        homes = await self._homes() if kind.namespaced and not self.is_across_namespaces else None
        namespaces = homes if homes is not None and len(homes) == 1 else None
        narrowed = _chosen(arguments, namespaces, arguments.field_selector)
        question = ListQuestion(kind, selection, narrowed, within=homes)
        return rows_of(self._recorded(kind, await ask(self.operation, question, clusters)))

    async def _named(self, kind: Kind, names: Sequence[ObjectName], selection: Selection) -> Sequence[Row | None]:
        by_cluster: dict[FleetCluster, set[tuple[str | None, str]]] = {}
        async for batch in batches(names):
            for cluster, namespace, name in batch:
                if name is not None and cluster not in self.failures:
                    by_cluster.setdefault(cluster, set()).add((namespace, name))
        parents = Counter(self.parents.clusters)
        few = {cluster for cluster, places in by_cluster.items() if self._are_few(places, parents[cluster])}

        async def read_apart() -> Sequence[Sequence[Row]]:  # else reads that never begin stay open
            apart = (
                self._listed_apart(cluster, kind, selection, _chosen(EVERYTHING, _only(home), f"metadata.name={name}"))
                for cluster in few
                for home, name in sorted(by_cluster[cluster], key=str)
            )
            return await together(*apart)

        children, single_rows = await both(
            self._list(kind, selection, EVERYTHING, [cluster for cluster in by_cluster if cluster not in few]),
            read_apart(),
        )
        for cluster, rows in zip((one for one in few for _ in by_cluster[one]), single_rows, strict=True):
            children.extend(cluster, rows)
        for cluster, places in by_cluster.items():
            namespaces = {namespace for namespace, _name in places} if self.partial else ()
            hidden = sorted(str(one) for one in namespaces if self.hides(cluster, kind, one))
            self.hidden_names.setdefault((cluster, kind), {}).update(dict.fromkeys(hidden))
        return await by_name(children, names)

    async def _listed_apart(
        self, cluster: FleetCluster, kind: Kind, selection: Selection, arguments: ListArguments
    ) -> Sequence[Row]:
        (answer,) = await ask(self.operation, ListQuestion(kind, selection, arguments), [cluster])
        if isinstance(answer.error, Forbidden) and arguments.namespaces is not None:
            self.partial.append((cluster, kind, Scope(is_partial=True, refused=arguments.namespaces[0])))
            return ()
        return self._recorded(kind, [answer])[0].rows

    def _narrowed(self, namespace: str | None, field_selector: str) -> ListArguments:
        own = self.arguments.field_selector
        return _chosen(self.arguments, _only(namespace), f"{own},{field_selector}" if own else field_selector)

    async def hidden(self) -> Mapping[int, ClusterError]:
        """Returns errors by index for parents whose children may be in a namespace that the identity may not list.

        Without parents in clusters that failed, and those whose children were read by name.
        """
        partial = (one for one in self.partial if one[:2] not in self.hidden_names and one[0] not in self.failures)
        return await hidden_parents(self.parents, partial, is_across_namespaces=self.is_across_namespaces)

    def hides(self, cluster: FleetCluster, kind: Kind, namespace: str | None) -> bool:
        """Returns whether the identity may not list a kind, which was read, in a namespace."""
        for one, of, scope in self.partial[self._indexed :]:
            self._scopes.setdefault((one, of), []).append(scope)
        self._indexed = len(self.partial)
        return namespace is not None and any(scope.hides(namespace) for scope in self._scopes.get((cluster, kind), ()))

    def _recorded(self, kind: Kind, answers: Sequence[ClusterAnswer]) -> Sequence[ClusterAnswer]:
        self.partial += [(answer.cluster, kind, answer.scope) for answer in answers if answer.scope.is_partial]
        own = (answer for answer in answers if kind == self.kind or answer.cluster not in self.answers)
        self.answers.update({answer.cluster: answer for answer in own})
        failed = (answer for answer in answers if not answer.lacks_kind)
        self.failures.update({answer.cluster: answer.error for answer in failed if answer.error is not None})
        return answers

    def _are_few(self, places: Collection[tuple[str | None, str]], parents: int) -> bool:
        """Returns whether objects are read by name."""
        if len(places) > 1 and (len(places) > FEW or parents > FEW):
            return False
        return all(is_selectable(name) and (not namespace or is_selectable(namespace)) for namespace, name in places)

    async def _homes(self) -> tuple[str, ...] | None:
        """Returns the namespaces of the parents, which have all their children; None for all namespaces."""
        homes: set[str | None] = set()
        async for batch in batches(self.parents.rows):
            try:
                homes.update(map(_NAMESPACE, batch))
            except AttributeError:  # no row, or one of an object without metadata
                homes.add(None)
        return None if None in homes else tuple(sorted(map(str, homes)))


def _chosen(by: ListArguments, namespaces: tuple[str, ...] | None, fields: str) -> ListArguments:
    """Returns the names and labels of arguments, in some namespaces."""
    return ListArguments(namespaces=namespaces, names=by.names, label_selector=by.label_selector, field_selector=fields)


def _only(namespace: str | None) -> tuple[str, ...] | None:
    return (namespace,) if namespace else None
